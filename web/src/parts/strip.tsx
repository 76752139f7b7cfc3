// A strip of time under the graph: when each side had the attribute, as bars; when a link became known to us, as marks. It is bound to the
// list of paths and to the graph: what is chosen in one is chosen in all. What had not happened by the time of the view is pale.
import { happened } from '../route';
import { texts, word } from '../texts';
import type { Link } from '../types';

const [LEFT, RIGHT, WIDTH, ROW] = [150, 780, 800, 30];

const time = (day: string | null | undefined): number => (day ? Date.parse(`${`${day}-01-01`.slice(0, 10)}T00:00:00Z`) : NaN);
/** The known time of a whole link: of the last of its parts. */
const learned = (link: Link): string =>
  [link.subject.known_at, link.seed.known_at, ...link.chain.map((step) => step.known_at)].reduce((a, b) => (a > b ? a : b));

export function Strip({ links, chosen, choose }: { links: Link[]; chosen: number | null; choose: (link: number | null) => void }) {
  const stated = links.flatMap((link) => [link.subject.valid_from, link.subject.valid_to, link.seed.valid_from, link.seed.valid_to]);
  const moments = [...stated.map(time), ...links.map((link) => time(learned(link).slice(0, 10)))].filter((moment) => !Number.isNaN(moment));
  if (moments.length === 0) return null;
  const [first, last] = [Math.min(...moments), Math.max(...moments)];
  const x = (moment: number) => LEFT + ((moment - first) / Math.max(1, last - first)) * (RIGHT - LEFT);
  const bar = (from: string | null | undefined, until: string | null | undefined, y: number, kind: string) => {
    const begin = Number.isNaN(time(from)) ? first : time(from);
    const end = Number.isNaN(time(until)) ? last : time(until);
    const later = happened.value !== null && begin > time(happened.value);
    return (
      <rect x={x(begin)} y={y} width={Math.max(3, x(end) - x(begin))} height={8} rx={3} class={`${kind} ${later ? 'faint' : ''}`}>
        <title>{texts.strip.bar(word(kind), from, until)}</title>
      </rect>
    );
  };
  const height = links.length * ROW + 26;
  return (
    <figure class="strip">
      <svg viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={texts.strip.title}>
        {links.map((link, index) => {
          const y = index * ROW;
          const known = x(time(learned(link).slice(0, 10)));
          return (
            <g class={chosen !== null && chosen !== index ? 'faint' : ''} onClick={() => choose(chosen === index ? null : index)}>
              <rect class="ground" x={0} y={y} width={WIDTH} height={ROW} />
              <text x={0} y={y + 17}>
                {`${word(link.attribute.kind)} ${link.attribute.value}`.slice(0, 22)}
              </text>
              {bar(link.seed.valid_from, link.seed.valid_to, y + 4, 'operated')}
              {bar(link.subject.valid_from, link.subject.valid_to, y + 15, 'used')}
              <path class="learned" d={`M${known} ${y + 2} v22 m-4 -22 h8`}>
                <title>{texts.strip.learned(learned(link).slice(0, 10))}</title>
              </path>
            </g>
          );
        })}
        {happened.value && time(happened.value) >= first && time(happened.value) <= last && (
          <line class="now" x1={x(time(happened.value))} x2={x(time(happened.value))} y1={0} y2={height - 20} />
        )}
        <text x={LEFT} y={height - 5}>
          {new Date(first).toISOString().slice(0, 10)}
        </text>
        <text x={RIGHT} y={height - 5} text-anchor="end">
          {new Date(last).toISOString().slice(0, 10)}
        </text>
      </svg>
      <figcaption>
        <span class="key operated">{texts.strip.operated}</span> <span class="key used">{texts.strip.used}</span>{' '}
        <span class="key learned">{texts.strip.known}</span>
      </figcaption>
    </figure>
  );
}
