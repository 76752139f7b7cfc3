// The story of learning: how many were found to be concerned at each known time, what made it so, and what was done.
import { useMemo } from 'preact/hooks';
import { useAnswer } from '../client';
import { when } from '../format';
import { Chip, Figure, Panel, Shown } from '../parts/basics';
import { useSteps } from '../parts/timebar';
import { go, having, known } from '../route';
import type { Change, Claim, Status } from '../types';

type Figures = Record<string, number | string | null | Record<string, number>>;

export function Overview() {
  const at = { known_at: known.value };
  const figures = useAnswer<Figures>('/v1/figures', at);
  const claims = useAnswer<{ claims: Claim[] }>('/v1/claims', at);
  const status = useAnswer<Status>('/v1/status');
  const { steps } = useSteps();
  return (
    <>
      <h1>Overview</h1>
      <Shown of={figures}>
        {(figures) => (
          <div class="figures" id="figures">
            {Object.entries(figures).map(([name, value]) =>
              typeof value === 'number' ? <Figure value={value.toLocaleString('en')} label={name.replaceAll('_', ' ')} /> : null,
            )}
          </div>
        )}
      </Shown>
      <Panel title="What was learned when">
        <Story steps={steps} />
      </Panel>
      <Shown of={figures}>
        {(figures) => (
          <div class="cards">
            {Object.entries(figures).map(([name, value]) =>
              value !== null && typeof value === 'object' && !Array.isArray(value) ? <Bars title={name.replaceAll('_', ' ')} values={value} /> : null,
            )}
          </div>
        )}
      </Shown>
      <Panel title="Claims">
        <Shown of={claims}>
          {({ claims }) => (
            <table>
              <thead>
                <tr>
                  <th scope="col">Claim</th>
                  <th scope="col">Said by</th>
                  <th scope="col">Claimed</th>
                  <th scope="col">Counted</th>
                  <th scope="col">Verdict</th>
                </tr>
              </thead>
              <tbody>
                {claims.map((claim) => (
                  <tr>
                    <td>{claim.text}</td>
                    <td>
                      {claim.said_by}, {claim.outlet}
                    </td>
                    <td>
                      {claim.comparison} {claim.value}
                    </td>
                    <td>
                      {claim.actual} <small>on {when(claim.as_of)}</small>
                    </td>
                    <td>
                      <Chip tone={claim.verdict.replace(' ', '_')}>{claim.verdict}</Chip>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Shown>
      </Panel>
      <Panel title="Coverage">
        <Shown of={status}>
          {(status) => (
            <div class="figures">
              <Figure value={status.coverage.screened.toLocaleString('en')} label="subjects screened" />
              <Figure value={(status.coverage.subjects - status.coverage.screened).toLocaleString('en')} label="cannot be screened" />
              {Object.entries(status.coverage.entries).map(([list, number]) => (
                <Figure value={number.toLocaleString('en')} label={`entries of ${list}`} />
              ))}
              <Figure value={status.coverage.controls} label="controls passed" />
              <Figure value={status.held} label="held versions" href="/lists" />
            </div>
          )}
        </Shown>
      </Panel>
    </>
  );
}

/** Members over known time as steps; each step says what caused it, and leads to that time. */
function Story({ steps }: { steps: Change[] }) {
  const points = useMemo(() => {
    let members = 0;
    return steps.map((step) => ({ step, members: (members += step.joined - step.left), time: Date.parse(step.known_at) }));
  }, [steps]);
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return <p class="quiet">Nobody was linked yet.</p>;
  const most = Math.max(...points.map((point) => point.members));
  const x = (time: number) => 40 + ((time - first.time) / Math.max(1, last.time - first.time)) * 730;
  const y = (members: number) => 180 - (members / most) * 150;
  const line = points.map((point, index) => {
    const before = points[index - 1];
    return `${before ? `L${x(point.time)} ${y(before.members)} ` : 'M'}${before ? 'L' : ''}${x(point.time)} ${y(point.members)}`;
  });
  const now = known.value ? Date.parse(`${known.value.slice(0, 10)}T23:59:59Z`) : last.time;
  return (
    <>
      <svg class="story" viewBox="0 0 800 210" role="img" aria-label="People linked, over known time">
        <path d={line.join(' ')} />
        <line class="now" x1={x(Math.min(now, last.time))} x2={x(Math.min(now, last.time))} y1={20} y2={185} />
        {points.map((point) => (
          <circle
            cx={x(point.time)}
            cy={y(point.members)}
            r={4}
            onClick={() => go(having({ known: point.step.known_at.slice(0, 10) }))}
          >
            <title>{`${when(point.step.known_at)}: ${point.members}`}</title>
          </circle>
        ))}
        <text x={40} y={205}>
          {when(first.step.known_at)}
        </text>
        <text x={770} y={205} text-anchor="end">
          {when(last.step.known_at)}
        </text>
      </svg>
      <details>
        <summary>As a table</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">Known</th>
              <th scope="col">Joined</th>
              <th scope="col">Left</th>
              <th scope="col">Members</th>
              <th scope="col">Caused by</th>
            </tr>
          </thead>
          <tbody>
            {points.map(({ step, members }) => (
              <tr>
                <td>
                  <a href={having({ known: step.known_at.slice(0, 10) })}>{when(step.known_at)}</a>
                </td>
                <td>{step.joined || ''}</td>
                <td>{step.left || ''}</td>
                <td>{members}</td>
                <td>{step.causes.slice(0, 3).map((cause) => cause.key).join(', ')}{step.causes.length > 3 && ` and ${step.causes.length - 3} more`}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

function Bars({ title, values }: { title: string; values: Record<string, number> }) {
  const most = Math.max(1, ...Object.values(values));
  return (
    <Panel title={title}>
      <table class="bars">
        <tbody>
          {Object.entries(values).map(([name, value]) => (
            <tr>
              <th scope="row">{name.replaceAll('_', ' ')}</th>
              <td>
                <meter min={0} max={most} value={value} aria-label={name} /> {value.toLocaleString('en')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
