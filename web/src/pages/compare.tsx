// Two known times side by side: which alerts appeared, changed and went between them, and the commits that made it so.
import { useAnswer } from '../client';
import { percent, when } from '../format';
import { Chip, Panel, Shown } from '../parts/basics';
import { compared, go, having, known, to } from '../route';
import { texts } from '../texts';
import type { AlertView } from '../types';

type Line = AlertView & { commits: { seq: number; known_at: string; purpose: string; files: string[] }[] };
interface Diff {
  came: Line[];
  changed: Line[];
  went: Line[];
}

export function Compare() {
  const [a, b] = [compared.value, known.value ?? new Date().toISOString().slice(0, 10)];
  const [from, until] = a && a > b ? [b, a] : [a, b];
  const diff = useAnswer<Diff>(from ? '/v1/diff' : null, { from, to: until });
  return (
    <>
      <h1>
        {texts.pages.compare}: {from ?? '…'} – {until}
      </h1>
      <label>
        {texts.time.compare}{' '}
        <input type="date" value={a ?? ''} onChange={(event) => go(having({ with: event.currentTarget.value }))} />
      </label>
      {from && (
        <Shown of={diff}>
          {(diff) => (
            <>
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

const SHOWN_MOST = 500;

function Lines({ title, lines }: { title: string; lines: Line[] }) {
  return (
    <Panel title={`${title}: ${lines.length.toLocaleString('en')}`}>
      <table>
        <tbody>
          {lines.slice(0, SHOWN_MOST).map((line) => (
            <tr>
              <td>
                <a href={to(`/alert/${line.alert}`)}>{line.subject}</a>
              </td>
              <td>
                <Chip tone={line.cause.kind}>{texts.queue.kinds[line.cause.kind] ?? line.cause.kind}</Chip> {line.cause.entry}
              </td>
              <td>{percent(line.score)}</td>
              <td>
                {line.commits.map((commit) => (
                  <div>
                    {when(commit.known_at)} <small>{commit.purpose}: {commit.files.join(', ')}</small>
                  </div>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {lines.length > SHOWN_MOST && <p class="quiet">and {(lines.length - SHOWN_MOST).toLocaleString('en')} more: `lookback diff` lists all.</p>}
    </Panel>
  );
}
