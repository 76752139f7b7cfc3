// The links as a picture: people are circles, attributes squares, organisations circles of another colour; an attribute that too many are
// on is a grey stub with their number. What no reliable source confirms is dashed, what had not happened yet is pale. A thing stays where it
// was put. Every thing can be reached and used by keyboard.
import { useMemo, useRef, useState } from 'preact/hooks';
import { type Failure, get, useAnswer } from '../client';
import { happened, known } from '../route';
import { texts, word } from '../texts';
import type { Link, Neighbours, PathAnswer } from '../types';
import { DRAWN_MOST, begin, collapsed, expanded, hidden, placed, withHubs, withPath, type Drawing, type Thing } from './drawing';

/** How far an arrow with Shift puts a thing. */
const NUDGE = 20;
const ARROWS: Record<string, [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

const neighbours = (id: string) => `/v1/network/neighbours/${encodeURIComponent(id)}`;

export function Graph(props: { subject: string; links: Link[]; chosen: number | null; choose: (link: number | null) => void }) {
  const { subject, links, chosen, choose } = props;
  const beside = useAnswer<Neighbours>(neighbours(subject), { known_at: known.value, names: true });
  const first = useMemo(() => {
    const drawn = begin(subject, links);
    return beside.value ? withHubs(drawn, subject, beside.value) : drawn;
  }, [subject, links, beside.value]);
  const [changed, change] = useState<Drawing | null>(null);
  const [pins, pin] = useState<Map<string, [number, number]>>(new Map());
  const [picked, pick] = useState<string | null>(null);
  const [found, find] = useState<Neighbours | null>(null);
  const [said, say] = useState('');
  const dragging = useRef<string | null>(null);
  const picture = useRef<SVGSVGElement>(null);
  const drawing = changed ?? first;
  const { at, width, height } = useMemo(() => placed(drawing, pins), [drawing, pins]);
  const thing = picked === null ? undefined : drawing.things.get(picked);
  const take = async (one: Thing) => {
    pick(one.id);
    find(null);
    say('');
    if (one.links?.length) choose(one.links[0]!);
    if (one.kind !== 'person') return null;
    const answer = await get<Neighbours>(neighbours(one.id), { known_at: known.value, names: true }).catch((error: Failure) => say(error.message));
    find(answer ?? null);
    return answer ?? null;
  };
  const expand = (person: Thing, found: Neighbours, only: string | null) => {
    const next = expanded(drawing, person, found, only);
    say(next.things.size >= DRAWN_MOST ? texts.graph.full(DRAWN_MOST) : texts.graph.added(next.things.size - drawing.things.size));
    change(next);
  };
  const hide = (one: Thing) => {
    pick(null);
    change(hidden(drawing, one.id));
    find(null);
  };
  const put = (id: string, place: [number, number] | null) =>
    pin((before) => {
      const next = new Map(before);
      if (place) next.set(id, place);
      else next.delete(id);
      return next;
    });
  const search = async (end: string) => {
    say(texts.loading);
    try {
      const path = await get<PathAnswer>('/v1/network/path', { start: subject, end, known_at: known.value, names: true });
      say(path.steps ? texts.graph.path(path.steps.length, end) : texts.graph.noPath(end, path.steps_max));
      if (!path.steps) return;
      change(withPath(drawing, path, links.length));
      choose(links.length);
    } catch (error) {
      say((error as Failure).message);
    }
  };
  const drag = (event: PointerEvent) => {
    const [id, matrix] = [dragging.current, picture.current?.getScreenCTM()];
    if (id === null || !matrix) return;
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    put(id, [point.x, point.y]);
  };
  /** The nearest thing in the direction of an arrow. */
  const focus = (from: Thing, [dx, dy]: [number, number]) => {
    const [x, y] = at.get(from.id)!;
    const far = ([otherX, otherY]: [number, number]) => {
      const along = (otherX - x) * dx + (otherY - y) * dy;
      const aside = Math.abs((otherX - x) * dy) + Math.abs((otherY - y) * dx);
      return along <= 0 ? Infinity : along + 2 * aside;
    };
    const best = [...at].map(([id, place]) => [id, far(place)] as const).reduce((a, b) => (b[1] < a[1] ? b : a));
    if (best[1] === Infinity) return;
    picture.current?.querySelector<SVGGElement>(`[data-id="${CSS.escape(best[0])}"]`)?.focus();
  };
  const pressed = (event: KeyboardEvent, one: Thing) => {
    const arrow = ARROWS[event.key];
    const [x, y] = at.get(one.id)!;
    const acts: Record<string, () => void> = {
      Enter: () => void take(one),
      ' ': () => void take(one),
      x: () => void take(one).then((answer) => answer && expand(one, answer, null)),
      c: () => change(collapsed(drawing, one.id)),
      h: () => hide(one),
      p: () => put(one.id, pins.has(one.id) ? null : [x, y]),
    };
    const act = arrow ? () => (event.shiftKey ? put(one.id, [x + arrow[0] * NUDGE, y + arrow[1] * NUDGE]) : focus(one, arrow)) : acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  return (
    <div class="graphbox">
      <div class="canvas">
        <svg
          class="graph"
          ref={picture}
          width={width}
          height={height}
          viewBox={`0 0 ${width} ${height}`}
          role="group"
          aria-label={texts.graph.title(drawing.things.size, subject)}
          onPointerMove={drag}
          onPointerUp={() => (dragging.current = null)}
          onPointerLeave={() => (dragging.current = null)}
        >
          {drawing.edges.map((edge) => {
            const [from, until] = [at.get(edge.from), at.get(edge.to)];
            if (!from || !until) return null;
            const later = happened.value !== null && edge.since != null && edge.since > happened.value;
            const tone = later || (chosen !== null && edge.link !== chosen) ? 'faint' : chosen === null ? '' : 'chosen';
            return <line x1={from[0]} y1={from[1]} x2={until[0]} y2={until[1]} class={`${tone} ${edge.confirmed ? '' : 'dashed'}`} />;
          })}
          {[...drawing.things.values()].map((one) => {
            const [x, y] = at.get(one.id)!;
            const label = one.label.length > 24 ? `${one.label.slice(0, 23)}…` : one.label;
            return (
              <g
                key={one.id}
                data-id={one.id}
                transform={`translate(${x} ${y})`}
                class={`${one.kind} ${one.id === picked ? 'picked' : ''} ${pins.has(one.id) ? 'pinned' : ''}`}
                role="button"
                tabindex={0}
                aria-label={texts.graph.thing(word(one.kind), one.label, one.users)}
                aria-pressed={one.id === picked}
                onClick={() => void take(one)}
                onKeyDown={(event) => pressed(event, one)}
                onPointerDown={(event) => {
                  if (event.shiftKey) dragging.current = one.id;
                }}
              >
                {one.kind === 'attribute' || one.kind === 'hub' ? <rect x={-9} y={-9} width={18} height={18} rx={3} /> : <circle r={10} />}
                <text y={24} text-anchor="middle">
                  {label}
                </text>
                {one.users !== undefined && (
                  <text y={-14} text-anchor="middle">
                    {texts.graph.users(one.users)}
                  </text>
                )}
              </g>
            );
          })}
        </svg>
      </div>
      <div class="graph-tools">
        {thing ? (
          <>
            <strong>
              <bdi dir="auto">{thing.label}</bdi>
            </strong>
            {thing.kind === 'person' && found && (
              <>
                {found.kinds.map((kind) => (
                  <button onClick={() => expand(thing, found, kind.kind)}>{texts.graph.kind(word(kind.kind), kind.attributes.length, kind.parties)}</button>
                ))}
                {found.kinds.length > 1 && <button onClick={() => expand(thing, found, null)}>{texts.graph.expand}</button>}
              </>
            )}
            <button onClick={() => change(collapsed(drawing, thing.id))}>{texts.graph.collapse}</button>
            <button onClick={() => put(thing.id, pins.has(thing.id) ? null : at.get(thing.id)!)}>
              {pins.has(thing.id) ? texts.graph.unpin : texts.graph.pin}
            </button>
            <button onClick={() => hide(thing)}>{texts.graph.hide}</button>
            {thing.kind === 'hub' && <p class="quiet">{thing.warning ?? texts.graph.hub(thing.users ?? 0)}</p>}
          </>
        ) : (
          <span class="quiet">{texts.graph.how}</span>
        )}
        {changed && <button onClick={() => (change(null), pin(new Map()), choose(null), say(''))}>{texts.graph.reset}</button>}
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const end = String(new FormData(event.currentTarget).get('end')).trim();
            if (end) void search(end);
          }}
        >
          <input name="end" aria-label={texts.graph.pathTo} placeholder={texts.graph.pathTo} list="drawn" />
          <datalist id="drawn">
            {[...drawing.things.values()].filter((one) => one.kind === 'person' && one.id !== subject).map((one) => (
              <option value={one.id} />
            ))}
          </datalist>
        </form>
        <span role="status">{said}</span>
      </div>
    </div>
  );
}
