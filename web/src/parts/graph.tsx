// The links as a picture: at first those of the paths, then whatever is expanded, never more than 200 things at once.
//
// People are circles, attributes squares, organisations circles of another colour; an attribute that too many are on is a grey stub
// with their number. What no reliable source confirms is dashed. A thing stays where it was dragged to.
import { useMemo, useRef, useState } from 'preact/hooks';
import { Problem, get } from '../client';
import { known } from '../route';
import { texts } from '../texts';
import type { Link } from '../types';

const DRAWN_MOST = 200;
const NEIGHBOURS_MOST = 12;
const [STEP_X, STEP_Y, HEIGHT_LEAST] = [170, 58, 220];

interface Thing {
  id: string;
  label: string;
  kind: 'person' | 'attribute' | 'organisation' | 'hub' | 'rest';
  /** How many steps from the subject: its column. */
  column: number;
  /** How many are on it, for a hub and a rest. */
  users?: number;
  /** What it was expanded from; it goes when that is collapsed. */
  from?: string;
}

interface Edge {
  from: string;
  to: string;
  /** Which of the paths it is a step of. */
  link?: number;
  confirmed: boolean;
}

interface Drawing {
  things: Map<string, Thing>;
  edges: Edge[];
}

interface Neighbours {
  kinds: {
    kind: string;
    attributes: {
      value: string;
      on_it: number;
      warning?: string;
      observations: { grade: string | null }[];
      neighbours: { id: string; relation: string }[];
    }[];
  }[];
}

/** Grades A1 to C3 say that the source is reliable and the report likely. */
const confirmed = (grade: string | null | undefined): boolean => /^[A-C][1-3]$/.test(grade ?? '');

/** The things on the paths themselves. */
function begin(subject: string, links: Link[]): Drawing {
  const things = new Map<string, Thing>();
  const edges: Edge[] = [];
  const add = (thing: Thing) => {
    if (!things.has(thing.id) && things.size < DRAWN_MOST) things.set(thing.id, thing);
  };
  add({ id: subject, label: subject, kind: 'person', column: 0 });
  links.forEach((link, index) => {
    const attribute = `${link.attribute.kind}:${link.attribute.value}`;
    add({ id: attribute, label: link.attribute.value, kind: 'attribute', column: 1 });
    add({ id: link.seed.subject, label: link.seed.subject, kind: 'person', column: 2 });
    edges.push({ from: subject, to: attribute, link: index, confirmed: confirmed(link.subject.grade) });
    edges.push({ from: attribute, to: link.seed.subject, link: index, confirmed: confirmed(link.seed.grade) });
    link.chain.forEach((step, place) => {
      add({ id: step.to, label: step.to, kind: 'organisation', column: 3 + place });
      edges.push({ from: step.from, to: step.to, link: index, confirmed: confirmed(step.grade) });
    });
  });
  return { things, edges };
}

/** A drawing with what is beside one of its people, as far as it fits. */
function expanded(drawing: Drawing, person: Thing, found: Neighbours): Drawing {
  const things = new Map(drawing.things);
  const edges = [...drawing.edges];
  const joined = (from: string, to: string) => edges.some((edge) => (edge.from === from && edge.to === to) || (edge.from === to && edge.to === from));
  const add = (thing: Thing, beside: string, sure: boolean) => {
    if (!things.has(thing.id)) {
      if (things.size >= DRAWN_MOST) return false;
      things.set(thing.id, thing);
    }
    if (!joined(beside, thing.id)) edges.push({ from: beside, to: thing.id, confirmed: sure });
    return true;
  };
  for (const { kind, attributes } of found.kinds)
    for (const attribute of attributes) {
      const id = `${kind}:${attribute.value}`;
      const hub = attribute.warning !== undefined && !things.has(id);
      const sure = attribute.observations.some((one) => confirmed(one.grade));
      const column = person.column + 1;
      const shape = { id, label: attribute.value, column, from: person.id } as const;
      if (!add(hub ? { ...shape, kind: 'hub', users: attribute.on_it } : { ...shape, kind: 'attribute' }, person.id, sure)) continue;
      if (hub) continue;
      // On what was there before, the others hang on the person: they go with it when it is collapsed.
      const under = drawing.things.has(id) ? person.id : id;
      const others = attribute.neighbours.filter((one) => !things.has(one.id));
      for (const other of others.slice(0, NEIGHBOURS_MOST)) add({ id: other.id, label: other.id, kind: 'person', column: column + 1, from: under }, id, true);
      const rest = others.length - NEIGHBOURS_MOST;
      if (rest > 0) add({ id: `${id}…`, label: texts.graph.more(rest), kind: 'rest', users: rest, column: column + 1, from: under }, id, true);
    }
  return { things, edges };
}

/** A drawing without what hangs on a thing. */
function collapsed(drawing: Drawing, id: string): Drawing {
  const things = new Map(drawing.things);
  const gone = (parent: string) => {
    for (const thing of [...things.values()])
      if (thing.from === parent) {
        things.delete(thing.id);
        gone(thing.id);
      }
  };
  gone(id);
  return { things, edges: drawing.edges.filter((edge) => things.has(edge.from) && things.has(edge.to)) };
}

export function Graph({ subject, links, chosen }: { subject: string; links: Link[]; chosen: number | null }) {
  const first = useMemo(() => begin(subject, links), [subject, links]);
  const [changed, change] = useState<Drawing | null>(null);
  const [pins, pin] = useState<Map<string, [number, number]>>(new Map());
  const [picked, pick] = useState<string | null>(null);
  const [said, say] = useState('');
  const dragging = useRef<string | null>(null);
  const picture = useRef<SVGSVGElement>(null);
  const drawing = changed ?? first;
  const columns = new Map<number, Thing[]>();
  for (const thing of drawing.things.values()) columns.set(thing.column, [...(columns.get(thing.column) ?? []), thing]);
  const width = (Math.max(...columns.keys()) + 1) * STEP_X;
  const height = Math.max(HEIGHT_LEAST, ...[...columns.values()].map((column) => column.length * STEP_Y));
  const at = new Map<string, [number, number]>();
  for (const [column, things] of columns)
    things.forEach((thing, row) =>
      at.set(thing.id, pins.get(thing.id) ?? [STEP_X / 2 + column * STEP_X, (height / (things.length + 1)) * (row + 1)]),
    );
  const thing = picked === null ? undefined : drawing.things.get(picked);
  const expand = async (person: Thing) => {
    say(texts.loading);
    try {
      const found = await get<Neighbours>(`/v1/network/neighbours/${encodeURIComponent(person.id)}`, { known_at: known.value });
      const next = expanded(drawing, person, found);
      say(next.things.size >= DRAWN_MOST ? texts.graph.full(DRAWN_MOST) : texts.graph.added(next.things.size - drawing.things.size));
      change(next);
    } catch (error) {
      say((error as Problem).message);
    }
  };
  const hide = (one: Thing) => {
    const without = collapsed(drawing, one.id);
    without.things.delete(one.id);
    without.edges = without.edges.filter((edge) => edge.from !== one.id && edge.to !== one.id);
    pick(null);
    change(without);
  };
  const drag = (event: PointerEvent) => {
    const [id, svg] = [dragging.current, picture.current];
    const matrix = svg?.getScreenCTM();
    if (id === null || !matrix) return;
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    pin((before) => new Map(before).set(id, [point.x, point.y]));
  };
  return (
    <div>
      <svg
        class="graph"
        ref={picture}
        viewBox={`0 0 ${width} ${height}`}
        role="group"
        aria-label={texts.graph.title(drawing.things.size, subject)}
        onPointerMove={drag}
        onPointerUp={() => (dragging.current = null)}
      >
        {drawing.edges.map((edge) => {
          const [from, until] = [at.get(edge.from), at.get(edge.to)];
          if (!from || !until) return null;
          const tone = chosen === null ? '' : edge.link === chosen ? 'chosen' : 'faint';
          return <line x1={from[0]} y1={from[1]} x2={until[0]} y2={until[1]} class={`${tone} ${edge.confirmed ? '' : 'dashed'}`} />;
        })}
        {[...drawing.things.values()].map((one) => {
          const [x, y] = at.get(one.id)!;
          const label = one.label.length > 22 ? `${one.label.slice(0, 21)}…` : one.label;
          return (
            <g
              key={one.id}
              transform={`translate(${x} ${y})`}
              class={`${one.kind} ${one.id === picked ? 'picked' : ''}`}
              role="button"
              tabIndex={0}
              aria-label={`${one.kind} ${one.label}${one.users ? `, ${one.users} on it` : ''}`}
              onClick={() => pick(one.id)}
              onKeyDown={(event) => event.key === 'Enter' && pick(one.id)}
              onPointerDown={(event) => {
                if (event.shiftKey) dragging.current = one.id;
              }}
            >
              {one.kind === 'attribute' || one.kind === 'hub' ? <rect x={-9} y={-9} width={18} height={18} rx={3} /> : <circle r={10} />}
              <text y={26} text-anchor="middle">
                {label}
              </text>
              {one.users !== undefined && (
                <text y={-14} text-anchor="middle">
                  {one.users.toLocaleString('en')}
                </text>
              )}
            </g>
          );
        })}
      </svg>
      <p class="graph-tools" role="status">
        {thing ? (
          <>
            <strong>{thing.label}</strong>{' '}
            {thing.kind === 'person' && <button onClick={() => void expand(thing)}>{texts.graph.expand}</button>}{' '}
            <button onClick={() => change(collapsed(drawing, thing.id))}>{texts.graph.collapse}</button>{' '}
            <button onClick={() => hide(thing)}>{texts.graph.hide}</button> {thing.kind === 'hub' && texts.graph.hub(thing.users ?? 0)}
          </>
        ) : (
          texts.graph.how
        )}{' '}
        {changed && <button onClick={() => (change(null), pin(new Map()))}>{texts.graph.reset}</button>} {said}
      </p>
    </div>
  );
}
