// The queue: what waits, in the order in which it should be looked at. Only the rows in sight are drawn.
import { useEffect, useRef, useState } from 'preact/hooks';
import { changes, get, now, useAnswer } from '../client';
import { percent, span, when } from '../format';
import { Bulk, type Selection } from '../parts/bulk';
import { Chip, Shown } from '../parts/basics';
import { useKeys } from '../parts/keys';
import { go, having, known, query, to } from '../route';
import { texts } from '../texts';
import type { QueuePage, QueueRow } from '../types';

const ROW = 44;
const CHUNK = 100;

/** Why a row is here, in one sentence. */
export function reason(row: QueueRow): string {
  const what =
    row.kind === 'network'
      ? `Linked to ${row.entry} by evidence`
      : `${row.subject} may be ${row.entry} of ${row.list}`;
  const how: Record<string, string> = {
    opened: 'since',
    changed: 'with other evidence since',
    reopened: 'open again since',
    withdrawn: 'withdrawn',
  };
  return `${what}, ${how[row.moved[1]] ?? row.moved[1]} ${when(row.moved[0])}`;
}

function useRows(parameters: Record<string, string | null>, total: number, first: number) {
  const [chunks, set] = useState<Map<number, QueueRow[]>>(new Map());
  const key = JSON.stringify(parameters);
  const asked = useRef(new Set<string>());
  const version = changes.value;
  useEffect(() => set(new Map()), [key]);
  // What changed is asked for again; until it comes, what was there stays in sight.
  useEffect(() => asked.current.clear(), [key, version]);
  useEffect(() => {
    const shown = [Math.floor(first / CHUNK), Math.floor((first + 60) / CHUNK)];
    for (const chunk of shown) {
      const name = `${key}:${chunk}`;
      if (chunk * CHUNK >= total || asked.current.has(name)) continue;
      asked.current.add(name);
      void get<QueuePage>('/v1/queue', { ...parameters, limit: CHUNK, offset: chunk * CHUNK })
        .then((page) => set((before) => new Map([...before].filter(([other]) => shown.includes(other))).set(chunk, page.rows)))
        .catch(() => asked.current.delete(name));
    }
  }, [key, total, first, version]);
  return (index: number) => chunks.get(Math.floor(index / CHUNK))?.[index % CHUNK];
}

const FILTERS = ['state', 'kind', 'dataset', 'assigned', 'overdue'] as const;

export function Queue() {
  const filter = Object.fromEntries(FILTERS.map((name) => [name, query.value.get(name)])) as Record<(typeof FILTERS)[number], string | null>;
  const parameters = { ...filter, known_at: known.value };
  const head = useAnswer<QueuePage>('/v1/queue', { ...parameters, limit: 1 });
  const [deciding, decide] = useState(false);
  const selection: Selection = {
    states: filter.state ? [filter.state] : [],
    ...(filter.dataset ? { dataset: filter.dataset } : {}),
    ...(filter.kind ? { kind: filter.kind } : {}),
    ...(filter.assigned ? { assigned: filter.assigned } : {}),
    ...(filter.overdue ? { overdue: true } : {}),
  };
  return (
    <>
      <h1>{texts.pages.queue}</h1>
      <Shown of={head}>
        {(page) => (
          <>
            <div class="filters">
              <strong>{texts.queue.rows(page.total)}</strong>
              <button disabled={known.value !== null || page.total === 0} onClick={() => decide(true)}>
                {texts.bulk.open}
              </button>
              {page.overdue > 0 && <Chip tone="late">{texts.queue.overdue(page.overdue)}</Chip>}
              <nav aria-label="Views">
                <a href={having({ state: null, overdue: null, kind: null })}>{texts.queue.all}</a>
                {Object.entries(texts.states).map(([state, name]) => (
                  <a href={having({ state })} aria-current={filter.state === state ? 'true' : undefined}>
                    {name} <small>{(page.states[state] ?? 0).toLocaleString('en')}</small>
                  </a>
                ))}
                <a href={having({ overdue: 'true' })} aria-current={filter.overdue ? 'true' : undefined}>
                  {texts.queue.late}
                </a>
              </nav>
            </div>
            {deciding && <Bulk selection={selection} close={() => decide(false)} />}
            <Rows total={page.total} parameters={parameters} />
          </>
        )}
      </Shown>
    </>
  );
}

function Rows({ total, parameters }: { total: number; parameters: Record<string, string | null> }) {
  const [top, scroll] = useState(0);
  const [at, choose] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const first = Math.max(0, Math.floor(top / ROW) - 10);
  const row = useRows(parameters, total, first);
  const move = (by: number) => {
    const next = Math.min(total - 1, Math.max(0, at + by));
    choose(next);
    const element = box.current;
    if (!element) return;
    if (next * ROW < element.scrollTop) element.scrollTop = next * ROW;
    else if ((next + 2) * ROW > element.scrollTop + element.clientHeight)
      element.scrollTop = (next + 2) * ROW - element.clientHeight;
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    Enter: () => {
      const chosen = row(at);
      if (chosen) go(to(`/alert/${chosen.alert}`));
    },
  });
  const shown = Array.from({ length: Math.max(0, Math.min(60, total - first)) }, (_, i) => first + i);
  return (
    <div class="rows" ref={box} onScroll={(event) => scroll(event.currentTarget.scrollTop)} role="grid" aria-rowcount={total + 1} tabIndex={0}>
      <div class="row heading" role="row">
        {texts.queue.columns.map((column) => (
          <span role="columnheader">{column}</span>
        ))}
      </div>
      <div style={{ height: `${total * ROW}px`, position: 'relative' }}>
        {shown.map((index) => {
          const item = row(index);
          return (
            <div
              key={item ? item.alert : index}
              role="row"
              aria-rowindex={index + 2}
              class={`row ${index === at ? 'chosen' : ''}`}
              style={{ transform: `translateY(${index * ROW}px)` }}
              onFocusCapture={() => choose(index)}
            >
              {item ? <Cells row={item} /> : <span role="gridcell">…</span>}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Cells({ row }: { row: QueueRow }) {
  const late = row.due < (known.value ?? new Date(now()).toISOString());
  return (
    <>
      <span role="gridcell">
        <a href={to(`/alert/${row.alert}`)}>
          <Chip tone={row.kind}>{texts.queue.kinds[row.kind] ?? row.kind}</Chip> {reason(row)}
        </a>
      </span>
      <span role="gridcell">{row.subject}</span>
      <span role="gridcell" title={row.ties > 1 ? texts.queue.ties(row.ties - 1) : undefined}>
        {percent(row.score)} {row.ties > 1 && <small>={row.ties}</small>}
      </span>
      <span role="gridcell">{texts.states[row.state] ?? row.state}</span>
      <span role="gridcell">{span(row.opened, now())}</span>
      <span role="gridcell" class={late ? 'late' : ''}>
        {when(row.due)}
      </span>
    </>
  );
}
