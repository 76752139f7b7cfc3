// Members over known time as steps; each step says what caused it, and leads to that time.
import { useMemo } from 'preact/hooks';
import { when } from '../format';
import { go, having, known } from '../route';
import { texts } from '../texts';
import { useSteps } from './timebar';

const [LEFT, RIGHT, TOP, BOTTOM] = [44, 780, 16, 180];

export function Story() {
  const { steps, waiting } = useSteps();
  const points = useMemo(() => {
    let members = 0;
    return steps.map((step) => ({ step, members: (members += step.joined - step.left), time: Date.parse(step.known_at) }));
  }, [steps]);
  const [first, last] = [points[0], points.at(-1)];
  if (waiting) return <p class="quiet loading">{texts.loading}</p>;
  if (!first || !last) return <p class="quiet">{texts.overview.nobody}</p>;
  const most = Math.max(1, ...points.map((point) => point.members));
  const x = (time: number) => LEFT + ((time - first.time) / Math.max(1, last.time - first.time)) * (RIGHT - LEFT);
  const y = (members: number) => BOTTOM - (members / most) * (BOTTOM - TOP);
  const line = points.map((point, index) => {
    const before = points[index - 1];
    return before ? `H${x(point.time)} V${y(point.members)}` : `M${x(point.time)} ${y(0)} V${y(point.members)}`;
  });
  const now = known.value ? Date.parse(`${known.value.slice(0, 10)}T23:59:59Z`) : last.time;
  const ticks = [0, Math.round(most / 2), most];
  return (
    <>
      <svg class="story" viewBox="0 0 800 210" role="img" aria-label={texts.overview.storyAxis}>
        {ticks.map((tick) => (
          <>
            <line class="grid" x1={LEFT} x2={RIGHT} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 6} y={y(tick) + 4} text-anchor="end">
              {tick.toLocaleString('en')}
            </text>
          </>
        ))}
        <path d={line.join(' ')} />
        {now >= first.time && <line class="now" x1={x(Math.min(now, last.time))} x2={x(Math.min(now, last.time))} y1={TOP} y2={BOTTOM} />}
        {points.map((point) => (
          <circle cx={x(point.time)} cy={y(point.members)} r={4} onClick={() => go(having({ known: point.step.known_at.slice(0, 10) }))}>
            <title>{texts.overview.step(when(point.step.known_at), point.members, point.step.joined, point.step.left, point.step.causes[0]?.key)}</title>
          </circle>
        ))}
        <text x={LEFT} y={204}>
          {when(first.step.known_at)}
        </text>
        <text x={RIGHT} y={204} text-anchor="end">
          {when(last.step.known_at)}
        </text>
      </svg>
      <details>
        <summary>{texts.overview.asTable}</summary>
        <table>
          <thead>
            <tr>
              {texts.overview.storyColumns.map((column, index) => (
                <th scope="col" class={index > 0 && index < 4 ? 'number' : undefined}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {points.map(({ step, members }) => (
              <tr>
                <td>
                  <a href={having({ known: step.known_at.slice(0, 10) })}>{when(step.known_at)}</a>
                </td>
                <td class="number">{step.joined || ''}</td>
                <td class="number">{step.left || ''}</td>
                <td class="number">{members}</td>
                <td>
                  {step.causes.slice(0, 3).map((one) => one.key).join(', ')}
                  {step.causes.length > 3 && ` ${texts.andMore(step.causes.length - 3)}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

