// Two known times side by side: which alerts appeared, changed and went between them, and the commits that made it so.
import { useAnswer } from '../client';
import { now, percent, when } from '../format';
import { Chip, Panel, Shown, Subject, Table } from '../parts/basics';
import { compared, go, having, known, to } from '../route';
import { texts } from '../texts';
import type { Diff, DiffLine } from '../types';

const SHOWN_MOST = 500;

export function Compare() {
  const [a, b] = [compared.value, known.value ?? now().slice(0, 10)];
  const [from, until] = a && a > b ? [b, a] : [a, b];
  const diff = useAnswer<Diff>(from ? '/v1/diff' : null, { from, to: until });
  return (
    <>
      <h1>{texts.pages.compare}</h1>
      <p class="facts">
        <label>
          {texts.time.compare}{' '}
          <input type="date" value={a?.slice(0, 10) ?? ''} onChange={(event) => go(having({ with: event.currentTarget.value }))} />
        </label>
        {from && <strong>{texts.time.between(from.slice(0, 10), until.slice(0, 10))}</strong>}
      </p>
      {!from && <p class="quiet">{texts.time.choose}</p>}
      {from && (
        <Shown of={diff}>
          {(diff) => (
            <>
              <p class="facts">
                <Chip tone="same">{texts.impact.opened(diff.came.length)}</Chip>
                <Chip tone="unknown">{texts.impact.altered(diff.changed.length)}</Chip>
                <Chip tone="different">{texts.impact.withdrawn(diff.went.length)}</Chip>
                <span>{texts.time.members(sum(diff, 'joined'), sum(diff, 'left'))}</span>
              </p>
              <Lines title={texts.time.appeared} lines={diff.came} />
              <Lines title={texts.time.changed} lines={diff.changed} />
              <Lines title={texts.time.gone} lines={diff.went} />
            </>
          )}
        </Shown>
      )}
    </>
  );
}

const sum = (diff: Diff, what: 'joined' | 'left'): number => diff.changes.reduce((all, change) => all + change[what], 0);

function Lines({ title, lines }: { title: string; lines: DiffLine[] }) {
  return (
    <Panel title={`${title}: ${lines.length.toLocaleString('en')}`}>
      <Table
        columns={texts.time.columns}
        numbers={[3]}
        rows={lines.slice(0, SHOWN_MOST).map((line) => [
          <Subject id={line.subject} />,
          <>
            <Chip tone={line.cause.kind}>{texts.queue.kinds[line.cause.kind] ?? line.cause.kind}</Chip>{' '}
            <a href={to(`/alert/${line.alert}`)}>{line.cause.entry}</a>
          </>,
          line.cause.dataset,
          percent(line.score),
          line.commits.map((commit) => (
            <div>
              {when(commit.known_at)} <small>{texts.alert.commit(commit.seq, commit.files.join(', ') || commit.purpose)}</small>
            </div>
          )),
        ])}
      />
      {lines.length > SHOWN_MOST && <p class="quiet">{texts.time.more(lines.length - SHOWN_MOST)}</p>}
    </Panel>
  );
}
