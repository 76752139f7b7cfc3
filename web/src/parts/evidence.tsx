// How a person is linked: the paths in sentences first, beside them the same as a picture, under both a strip of time.
import { useState } from 'preact/hooks';
import { happened } from '../route';
import { texts } from '../texts';
import type { Link, NetworkWhy } from '../types';
import { Chip, Panel } from './basics';
import { Graph } from './graph';

export function Evidence({ subject, network }: { subject: string; network: NetworkWhy }) {
  const [chosen, choose] = useState<number | null>(null);
  const links = network.links;
  return (
    <Panel title={texts.alert.evidence} aside={<Chip>{network.standing}</Chip>}>
      <div class="evidence">
        <ol class="paths">
          {links.map((link, index) => (
            <li class={index === chosen ? 'chosen' : ''}>
              <button class="plain" onClick={() => choose(index === chosen ? null : index)} aria-pressed={index === chosen}>
                <Chip tone="network">{link.attribute.kind}</Chip> {link.sentence}
              </button>
            </li>
          ))}
        </ol>
        <Graph subject={subject} links={links} chosen={chosen} />
      </div>
      <Strip links={links} chosen={chosen} />
      {network.why_not_stronger.length > 0 && (
        <>
          <h3>{texts.alert.higher}</h3>
          <ul>
            {network.why_not_stronger.map((reason) => (
              <li>{reason}</li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

/** When each side had the attribute; what had not happened by the time of the view is pale. */
function Strip({ links, chosen }: { links: Link[]; chosen: number | null }) {
  const time = (day: string | null) => (day ? Date.parse(`${day.slice(0, 10)}T00:00:00Z`) : NaN);
  const ends = links.flatMap((link) => [link.subject.valid_from, link.subject.valid_to, link.seed.valid_from, link.seed.valid_to]);
  const known = ends.map(time).filter((moment) => !Number.isNaN(moment));
  if (known.length === 0) return null;
  const [first, last] = [Math.min(...known), Math.max(...known)];
  const x = (moment: number) => 120 + ((moment - first) / Math.max(1, last - first)) * 660;
  const bar = (from: string | null, until: string | null, y: number, kind: string) => {
    const begin = Number.isNaN(time(from)) ? first : time(from);
    const end = Number.isNaN(time(until)) ? last : time(until);
    const later = happened.value !== null && begin > time(happened.value);
    return (
      <rect x={x(begin)} y={y} width={Math.max(3, x(end) - x(begin))} height={8} rx={3} class={`${kind} ${later ? 'faint' : ''}`}>
        <title>{`${from ?? 'unknown'} to ${until ?? 'unknown'}`}</title>
      </rect>
    );
  };
  return (
    <svg class="strip" viewBox={`0 0 800 ${links.length * 30 + 24}`} role="img" aria-label="When each link held">
      {links.map((link, index) => (
        <g class={chosen !== null && chosen !== index ? 'faint' : ''}>
          <text x={0} y={index * 30 + 16}>
            {link.attribute.kind}
          </text>
          {bar(link.seed.valid_from, link.seed.valid_to, index * 30 + 4, 'operated')}
          {bar(link.subject.valid_from, link.subject.valid_to, index * 30 + 14, 'used')}
        </g>
      ))}
      <text x={120} y={links.length * 30 + 18}>
        {new Date(first).toISOString().slice(0, 10)}
      </text>
      <text x={780} y={links.length * 30 + 18} text-anchor="end">
        {new Date(last).toISOString().slice(0, 10)}
      </text>
    </svg>
  );
}
