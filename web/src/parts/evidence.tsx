// How a person is linked: the paths in sentences first, beside them the same as a picture, under both a strip of time.
import { useMemo, useState } from 'preact/hooks';
import { happened } from '../route';
import { texts } from '../texts';
import type { Link, NetworkWhy } from '../types';
import { Chip, Panel } from './basics';

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

interface Node {
  id: string;
  label: string;
  kind: 'person' | 'attribute' | 'organisation';
  column: number;
  row: number;
}

/** Person, attributes, who operated them, and what those lead to: four kinds of columns from left to right. */
function layout(subject: string, links: Link[]) {
  const nodes = new Map<string, Node>();
  const edges: { from: string; to: string; link: number; confirmed: boolean }[] = [];
  const rows: number[] = [];
  const node = (id: string, label: string, kind: Node['kind'], column: number) => {
    if (!nodes.has(id)) nodes.set(id, { id, label, kind, column, row: (rows[column] = (rows[column] ?? -1) + 1) });
  };
  node(subject, subject, 'person', 0);
  links.forEach((link, index) => {
    const attribute = `${link.attribute.kind}:${link.attribute.value}`;
    node(attribute, link.attribute.value, 'attribute', 1);
    node(link.seed.subject, link.seed.subject, 'person', 2);
    const confirmed = (grade: string | null) => grade !== null && /^[A-C][1-3]$/.test(grade);
    edges.push({ from: subject, to: attribute, link: index, confirmed: confirmed(link.subject.grade) });
    edges.push({ from: attribute, to: link.seed.subject, link: index, confirmed: confirmed(link.seed.grade) });
    link.chain.forEach((step, place) => {
      node(step.to, step.to, 'organisation', 3 + place);
      edges.push({ from: step.from, to: step.to, link: index, confirmed: confirmed(step.grade) });
    });
  });
  return { nodes: [...nodes.values()].slice(0, 200), edges, columns: rows.length, rows: Math.max(...rows) + 1 };
}

function Graph({ subject, links, chosen }: { subject: string; links: Link[]; chosen: number | null }) {
  const drawn = useMemo(() => layout(subject, links), [subject, links]);
  const [width, height] = [drawn.columns * 170, Math.max(140, drawn.rows * 56)];
  const place = (node: Node): [number, number] => {
    const inColumn = drawn.nodes.filter((other) => other.column === node.column).length;
    return [85 + node.column * 170, (height / (inColumn + 1)) * (node.row + 1)];
  };
  const at = new Map(drawn.nodes.map((node) => [node.id, place(node)]));
  return (
    <svg class="graph" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${links.length} links of ${subject}`}>
      {drawn.edges.map((edge) => {
        const [from, until] = [at.get(edge.from), at.get(edge.to)];
        if (!from || !until) return null;
        const tone = chosen === null ? '' : edge.link === chosen ? 'chosen' : 'faint';
        return <line x1={from[0]} y1={from[1]} x2={until[0]} y2={until[1]} class={`${tone} ${edge.confirmed ? '' : 'dashed'}`} />;
      })}
      {drawn.nodes.map((node) => {
        const [x, y] = at.get(node.id)!;
        const label = node.label.length > 22 ? `${node.label.slice(0, 21)}…` : node.label;
        return (
          <g transform={`translate(${x} ${y})`} class={node.kind}>
            <title>{node.label}</title>
            {node.kind === 'attribute' ? <rect x={-9} y={-9} width={18} height={18} rx={3} /> : <circle r={10} />}
            <text y={26} text-anchor="middle">
              {label}
            </text>
          </g>
        );
      })}
    </svg>
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
