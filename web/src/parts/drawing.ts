// What the graph draws: at first the links of the paths and the hubs beside the subject, then whatever is expanded, never more than
// 200 things at once. Always holds: a drawing is a value; expanding and collapsing make another one.
import { texts } from '../texts';
import type { Link, Neighbours, PathAnswer } from '../types';

export const DRAWN_MOST = 200;
const NEIGHBOURS_MOST = 12;

export interface Thing {
  id: string;
  label: string;
  kind: 'person' | 'attribute' | 'organisation' | 'hub' | 'rest';
  /** How many steps from the subject: its column. */
  column: number;
  /** Which of the paths it is on. */
  links?: number[];
  /** How many are on it, for a hub and a rest. */
  users?: number;
  /** Why a hub leads to nobody. */
  warning?: string;
  /** What it was expanded from; it goes when that is collapsed. */
  from?: string;
}

export interface Edge {
  from: string;
  to: string;
  /** Which of the paths it is a step of. */
  link?: number;
  confirmed: boolean;
  /** Since when it holds in the world. */
  since?: string | null | undefined;
}

export interface Drawing {
  things: Map<string, Thing>;
  edges: Edge[];
}

export const attributeId = (kind: string, value: string): string => `${kind}:${value}`;

/** Grades A1 to C3 say that the source is reliable and the report likely. */
const confirmed = (grade: string | null | undefined): boolean => /^[A-C][1-3]$/.test(grade ?? '');

/** The things on the paths themselves. */
export function begin(subject: string, links: Link[]): Drawing {
  const things = new Map<string, Thing>();
  const edges: Edge[] = [];
  const add = (thing: Thing, link: number) => {
    const known = things.get(thing.id);
    if (known) known.links = [...(known.links ?? []), link];
    else if (things.size < DRAWN_MOST) things.set(thing.id, { ...thing, links: [link] });
  };
  const join = (edge: Edge) => {
    if (things.has(edge.from) && things.has(edge.to)) edges.push(edge);
  };
  things.set(subject, { id: subject, label: subject, kind: 'person', column: 0 });
  links.forEach((link, index) => {
    const attribute = attributeId(link.attribute.kind, link.attribute.value);
    add({ id: attribute, label: link.attribute.value, kind: 'attribute', column: 1 }, index);
    add({ id: link.seed.subject, label: link.seed.subject, kind: 'person', column: 2 }, index);
    join({ from: subject, to: attribute, link: index, confirmed: confirmed(link.subject.grade), since: link.subject.valid_from });
    join({ from: attribute, to: link.seed.subject, link: index, confirmed: confirmed(link.seed.grade), since: link.seed.valid_from });
    link.chain.forEach((step, place) => {
      add({ id: step.to, label: step.to, kind: 'organisation', column: 3 + place }, index);
      join({ from: step.from, to: step.to, link: index, confirmed: confirmed(step.grade) });
    });
  });
  return { things, edges };
}

/** Adds to a drawing as long as it is not full. */
class Extension {
  readonly things: Map<string, Thing>;
  readonly edges: Edge[];

  constructor(drawing: Drawing) {
    this.things = new Map(drawing.things);
    this.edges = [...drawing.edges];
  }

  add(thing: Thing, beside: string, edge: Omit<Edge, 'from' | 'to'>): boolean {
    if (!this.things.has(thing.id)) {
      if (this.things.size >= DRAWN_MOST) return false;
      this.things.set(thing.id, thing);
    }
    const joins = (one: Edge) => (one.from === beside && one.to === thing.id) || (one.from === thing.id && one.to === beside);
    if (!this.edges.some(joins)) this.edges.push({ ...edge, from: beside, to: thing.id });
    return true;
  }

  drawing = (): Drawing => ({ things: this.things, edges: this.edges });
}

type Attribute = Neighbours['kinds'][number]['attributes'][number];

const edgeOf = (attribute: Attribute) => ({
  confirmed: attribute.observations.some((one) => confirmed(one.grade)),
  since: attribute.observations[0]?.valid_from,
});

const hubOf = (id: string, attribute: Attribute, person: Thing): Thing => ({
  id,
  label: attribute.value,
  kind: 'hub',
  column: person.column + 1,
  users: attribute.on_it,
  from: person.id,
  ...(attribute.warning ? { warning: attribute.warning } : {}),
});

/** A drawing with the hubs beside somebody as stubs: what too many are on to mean anything. */
export function withHubs(drawing: Drawing, person: string, found: Neighbours): Drawing {
  const extension = new Extension(drawing);
  const thing = drawing.things.get(person);
  for (const { kind, attributes } of found.kinds)
    for (const attribute of attributes) {
      const id = attributeId(kind, attribute.value);
      if (attribute.warning && thing && !drawing.things.has(id)) extension.add(hubOf(id, attribute, thing), person, edgeOf(attribute));
    }
  return extension.drawing();
}

/** A drawing with what is beside one of its people, of one kind or of all, as far as it fits. */
export function expanded(drawing: Drawing, person: Thing, found: Neighbours, only: string | null): Drawing {
  const extension = new Extension(drawing);
  for (const { kind, attributes } of found.kinds.filter((one) => only === null || one.kind === only))
    for (const attribute of attributes) {
      const id = attributeId(kind, attribute.value);
      const column = person.column + 1;
      const drawn = extension.things.get(id);
      const hub = attribute.warning != null && drawn?.kind !== 'attribute';
      const thing: Thing = hub ? hubOf(id, attribute, person) : { id, label: attribute.value, kind: 'attribute', column, from: person.id };
      if (!extension.add(thing, person.id, edgeOf(attribute)) || hub) continue;
      // On what was there before, the others hang on the person: they go with it when it is collapsed.
      const under = drawing.things.has(id) ? person.id : id;
      const others = attribute.neighbours.filter((one) => !extension.things.has(one.id));
      for (const other of others.slice(0, NEIGHBOURS_MOST))
        extension.add({ id: other.id, label: other.caption ?? other.id, kind: 'person', column: column + 1, from: under }, id, { confirmed: true });
      const rest = others.length - NEIGHBOURS_MOST;
      if (rest > 0)
        extension.add({ id: `${id}…`, label: texts.graph.more(rest), kind: 'rest', users: rest, column: column + 1, from: under }, id, { confirmed: true });
    }
  return extension.drawing();
}

/** A drawing with the steps of a path, which is a path of the drawing from then on. */
export function withPath(drawing: Drawing, path: PathAnswer, link: number): Drawing {
  const extension = new Extension(drawing);
  let column = extension.things.get(path.from.id)?.column ?? 0;
  for (const step of path.steps ?? []) {
    const attribute = attributeId(step.attribute.kind, step.attribute.value);
    const sure = step.observations.every((one) => confirmed(one.grade));
    extension.add({ id: attribute, label: step.attribute.value, kind: 'attribute', column: column + 1, from: step.from.id }, step.from.id, { link, confirmed: sure });
    extension.add({ id: step.to.id, label: step.to.caption ?? step.to.id, kind: 'person', column: column + 2, from: attribute }, attribute, { link, confirmed: sure });
    column += 2;
    for (const id of [step.from.id, attribute, step.to.id]) {
      const thing = extension.things.get(id);
      if (thing) extension.things.set(id, { ...thing, links: [...(thing.links ?? []), link] });
    }
    for (const edge of extension.edges.filter((one) => [one.from, one.to].includes(attribute) && [one.from, one.to].some((end) => end === step.from.id || end === step.to.id)))
      extension.edges[extension.edges.indexOf(edge)] = { ...edge, link };
  }
  return extension.drawing();
}

/** A drawing without what hangs on a thing. */
export function collapsed(drawing: Drawing, id: string): Drawing {
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

/** A drawing without a thing and without what hangs on it. */
export function hidden(drawing: Drawing, id: string): Drawing {
  const without = collapsed(drawing, id);
  without.things.delete(id);
  return { things: without.things, edges: without.edges.filter((edge) => edge.from !== id && edge.to !== id) };
}

const [STEP_X, STEP_Y, HEIGHT_LEAST] = [180, 56, 140];
/** A column of more things than this is wrapped, so that a hub is seen at once. */
const ROWS_MOST = 7;
const WRAP_X = 130;

/** Where everything stands: columns by distance from the subject, rows in the order in which things came; pinned things where they were put. */
export function placed(drawing: Drawing, pins: Map<string, [number, number]>) {
  const columns = new Map<number, Thing[]>();
  for (const thing of drawing.things.values()) columns.set(thing.column, [...(columns.get(thing.column) ?? []), thing]);
  const tallest = Math.max(...[...columns.values()].map((things) => Math.min(ROWS_MOST, things.length)));
  const height = Math.max(HEIGHT_LEAST, (tallest + 1) * STEP_Y);
  const at = new Map<string, [number, number]>();
  let left = 0;
  for (const column of [...columns.keys()].sort((a, b) => a - b)) {
    const things = columns.get(column)!;
    const wrapped = Math.ceil(things.length / ROWS_MOST);
    const rows = Math.ceil(things.length / wrapped);
    things.forEach((thing, index) => {
      const x = left + STEP_X / 2 + Math.floor(index / rows) * WRAP_X;
      const y = (height / (rows + 1)) * ((index % rows) + 1);
      at.set(thing.id, pins.get(thing.id) ?? [x, y]);
    });
    left += STEP_X + (wrapped - 1) * WRAP_X;
  }
  return { at, width: left, height };
}
