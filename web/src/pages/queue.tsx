// The queue: what waits, in the order in which it should be looked at. Only the rows in sight are drawn.
import { useEffect, useRef, useState } from 'preact/hooks';
import { changes, get, useAnswer } from '../client';
import { now, percent, span, when } from '../format';
import { Bulk } from '../parts/bulk';
import { Chip, Data, Shown, useActs } from '../parts/basics';
import { undo } from '../parts/decide';
import { useKeys } from '../parts/keys';
import { keep, useViews } from '../parts/views';
import { go, having, known, query, to } from '../route';
import { may, session } from '../session';
import { texts, word } from '../texts';
import type { QueuePage, QueueRow, Selection } from '../types';

/** As high as the style sheet has a row. */
const ROW = 48;
const CHUNK = 100;

/** The rows of some chunks; what the store changes is asked for again, and the old rows stand until then. */
function useRows(parameters: Record<string, string | null>, total: number, first: number) {
  const [chunks, set] = useState<Map<number, QueueRow[]>>(new Map());
  const key = JSON.stringify(parameters);
  const version = changes.value;
  const asked = useRef(new Set<string>());
  useEffect(() => set(new Map()), [key]);
  useEffect(() => {
    for (const chunk of new Set([Math.floor(first / CHUNK), Math.floor((first + 60) / CHUNK)])) {
      const name = `${version}:${key}:${chunk}`;
      if (chunk * CHUNK >= total || asked.current.has(name)) continue;
      asked.current.add(name);
      void get<QueuePage>('/v1/queue', { ...parameters, limit: CHUNK, offset: chunk * CHUNK })
        .then((page) => set((before) => new Map(before).set(chunk, page.rows)))
        .catch(() => asked.current.delete(name));
    }
  }, [key, total, first, version]);
  return (index: number) => chunks.get(Math.floor(index / CHUNK))?.[index % CHUNK];
}

export const FILTERS = ['state', 'kind', 'dataset', 'assigned', 'overdue'] as const;
type Filter = Record<(typeof FILTERS)[number], string | null>;

/** The filter in the address; from an alert, that of the queue that it was opened from. */
export const filtered = (): Filter => Object.fromEntries(FILTERS.map((name) => [name, query.value.get(name)])) as Filter;

export function Queue() {
  const filter = filtered();
  const parameters = { ...filter, known_at: known.value };
  const head = useAnswer<QueuePage>('/v1/queue', { ...parameters, limit: 1 });
  const [deciding, decide] = useState(false);
  const selection = {
    states: filter.state ? [filter.state] : [],
    dataset: filter.dataset,
    kind: filter.kind,
    assigned: filter.assigned,
    overdue: filter.overdue !== null,
  } as Selection;
  return (
    <>
      <h1>{texts.pages.queue}</h1>
      <Shown of={head}>
        {(page) => (
          <>
            <Views page={page} filter={filter} />
            <div class="filters">
              <strong>{texts.queue.rows(page.total)}</strong>
              {page.overdue > 0 && <Chip tone="late">{texts.queue.overdue(page.overdue)}</Chip>}
              <SavedViews />
              {known.value === null && page.total > 0 && may('propose') && (
                <button onClick={() => decide(true)}>{texts.bulk.open}</button>
              )}
            </div>
            {deciding && <Bulk selection={selection} close={() => decide(false)} />}
            <Rows total={page.total} parameters={parameters} />
          </>
        )}
      </Shown>
    </>
  );
}

/** Which part of the queue is looked at: each is an address. */
function Views({ page, filter }: { page: QueuePage; filter: Filter }) {
  const none = { state: null, overdue: null, kind: null, assigned: null, dataset: null };
  const account = session.value?.account;
  const view = (changes: Record<string, string | null>, text: string, current: boolean, number?: number) => (
    <a href={having(changes)} aria-current={current ? 'true' : undefined}>
      {text} {number !== undefined && <small>{number.toLocaleString('en')}</small>}
    </a>
  );
  return (
    <nav class="tabs" aria-label={texts.queue.views}>
      {view(none, texts.queue.all, Object.values(filter).every((value) => value === null))}
      {account && view({ assigned: filter.assigned ? null : account }, texts.queue.mine, filter.assigned === account)}
      {view({ overdue: filter.overdue ? null : 'true' }, texts.queue.late, filter.overdue !== null)}
      {(['name', 'network'] as const).map((kind) =>
        view({ kind: filter.kind === kind ? null : kind }, texts.queue.kinds[kind]!, filter.kind === kind),
      )}
      <span class="divider" />
      {/* All of them, always: nothing moves when one gets its first alert. */}
      {Object.entries(texts.states).map(([state, name]) =>
        view({ state: filter.state === state ? null : state }, name, filter.state === state, page.states[state] ?? 0),
      )}
    </nav>
  );
}

/** Views under a name, kept in this browser: the text of the query, as the address has it. */
function SavedViews() {
  const { views, drop } = useViews();
  const [naming, name] = useState(false);
  return (
    <span class="views">
      {views.map((view) => (
        <span class="view">
          <a href={to(`/queue${view.query}`)} aria-current={location.search === view.query ? 'true' : undefined}>
            <Data>{view.name}</Data>
          </a>
          <button class="plain" aria-label={texts.queue.drop(view.name)} onClick={() => drop(view.name)}>
            ×
          </button>
        </span>
      ))}
      {naming ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const text = String(new FormData(event.currentTarget).get('name')).trim();
            if (text) keep(text, location.search);
            name(false);
          }}
        >
          <input name="name" aria-label={texts.queue.viewName} placeholder={texts.queue.viewName} autoFocus maxLength={40} />
        </form>
      ) : (
        <button class="plain" onClick={() => name(true)}>
          {texts.queue.save}
        </button>
      )}
    </span>
  );
}

function Rows({ total, parameters }: { total: number; parameters: Record<string, string | null> }) {
  const [top, scroll] = useState(0);
  const [at, choose] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const { act, said } = useActs();
  const first = Math.max(0, Math.floor(top / ROW) - 10);
  const row = useRows(parameters, total, first);
  const move = (by: number) => {
    const next = Math.max(0, Math.min(total - 1, at + by));
    choose(next);
    const element = box.current;
    if (!element) return;
    if (next * ROW < element.scrollTop) element.scrollTop = next * ROW;
    else if ((next + 2) * ROW > element.scrollTop + element.clientHeight) element.scrollTop = (next + 2) * ROW - element.clientHeight;
  };
  const open = (verdict?: string) => {
    const chosen = row(at);
    if (chosen) go(address(chosen, verdict));
  };
  /** Takes back what was decided last about the chosen row. */
  const takeBack = () => {
    const chosen = row(at);
    if (chosen) void act(() => undo(chosen.alert), texts.alert.undone);
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    Enter: () => open(),
    s: () => open('same'),
    d: () => open('different'),
    i: () => open('inconclusive'),
    e: () => open('escalate'),
    n: () => move(1),
    u: takeBack,
  });
  const shown = Array.from({ length: Math.max(0, Math.min(60, total - first)) }, (_, i) => first + i);
  return (
    <>
      {said}
      <div class="rows" ref={box} onScroll={(event) => scroll(event.currentTarget.scrollTop)} role="grid" aria-label={texts.pages.queue} aria-rowcount={total + 1} tabIndex={0}>
        <div class="row heading" role="row">
          {texts.queue.columns.map((column) => (
            <span role="columnheader">{column}</span>
          ))}
        </div>
        <div role="rowgroup" style={{ height: `${total * ROW}px`, position: 'relative' }}>
          {shown.map((index) => {
            const item = row(index);
            return (
              <div
                key={index}
                role="row"
                aria-rowindex={index + 2}
                aria-selected={index === at}
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
    </>
  );
}

/** An alert's address keeps the filter, so that the next one is the next of this view. */
function address(row: QueueRow, verdict?: string): string {
  const filter = Object.fromEntries(FILTERS.map((name) => [name, query.value.get(name) ?? undefined]));
  return to(`/alert/${row.alert}`, { ...filter, verdict });
}

function Cells({ row }: { row: QueueRow }) {
  const at = known.value ? `${known.value.slice(0, 10)}T23:59:59Z` : now();
  const late = row.due < at;
  return (
    <>
      <span role="gridcell" class="two">
        <a href={address(row)}>
          <Data>{row.subject_caption ?? row.subject}</Data> <small>{row.subject}</small>
        </a>
        <small title={texts.queue.sentence(row)}>{texts.queue.sentence(row)}</small>
      </span>
      <span role="gridcell">
        <Chip tone={row.kind}>{texts.queue.kinds[row.kind] ?? row.kind}</Chip>
      </span>
      <span role="gridcell" class="number two" title={row.ties > 1 ? texts.queue.ties(row.ties - 1) : undefined}>
        <span>{percent(row.score)}</span>
        {row.ties > 1 && <small>{texts.queue.tied(row.ties - 1)}</small>}
      </span>
      <span role="gridcell" class="two">
        <span>{texts.states[row.state] ?? word(row.state)}</span>
        {(row.lock ?? row.assigned) && <small>{row.lock ? texts.queue.locked(row.lock) : row.assigned}</small>}
      </span>
      <span role="gridcell" class="number">
        {span(row.opened, at)}
      </span>
      <span role="gridcell" class={`number ${late ? 'late' : ''}`} title={when(row.due)}>
        {late ? texts.queue.over(span(row.due, at)) : texts.queue.left(span(at, row.due))}
      </span>
    </>
  );
}
