// The two times: by when something was known, and by when it happened. Both are in the address of every view.
import { useEffect, useState } from 'preact/hooks';
import { useAnswer, useAside } from '../client';
import { go, happened, having, known } from '../route';
import { texts } from '../texts';
import type { Change, Status } from '../types';

const DAY = 86_400_000;
const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** The known times at which something changed, oldest first, and the last one of all. */
export function useSteps(ask: typeof useAnswer = useAnswer): { steps: Change[]; last: string | null; known: boolean } {
  const status = ask<Status>('/v1/status');
  const answer = ask<{ changes: Change[] }>('/v1/changes');
  return { steps: answer.value?.changes ?? [], last: status.value?.head?.known_at ?? null, known: answer.value !== null || answer.problem !== null };
}

function Slider(props: { label: string; from: number; until: number; at: string | null; none: string; set: (day: string | null) => void }) {
  const days = Math.max(1, Math.round((props.until - props.from) / DAY));
  const place = props.at ? Math.round((Date.parse(`${props.at.slice(0, 10)}T00:00:00Z`) - props.from) / DAY) : days;
  const [dragged, drag] = useState<number | null>(null);
  const shown = dragged ?? Math.min(days, Math.max(0, place));
  const told = shown >= days && !props.at ? props.none : day(props.from + shown * DAY);
  const choose = (value: number) => props.set(value >= days ? null : day(props.from + value * DAY));
  return (
    <label class="slider">
      <span>{props.label}</span>
      <input
        type="range"
        min={0}
        max={days}
        value={shown}
        aria-valuetext={told}
        onInput={(event) => {
          const value = Number(event.currentTarget.value);
          drag(value);
          choose(value);
        }}
        onChange={() => drag(null)}
      />
      <input
        type="date"
        aria-label={props.label}
        value={props.at?.slice(0, 10) ?? ''}
        onChange={(event) => props.set(event.currentTarget.value || null)}
      />
      <output>{told}</output>
    </label>
  );
}

export function TimeBar() {
  const { steps, last, known: whole } = useSteps(useAside);
  const [playing, play] = useState(false);
  const first = steps[0]?.known_at ?? last;
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      const next = steps.find((step) => known.value !== null && step.known_at.slice(0, 10) > known.value);
      if (next) go(having({ known: next.known_at.slice(0, 10) }), 'replace');
      else {
        play(false);
        go(having({ known: null }), 'replace');
      }
    }, 900);
    return () => clearInterval(timer);
  }, [playing, steps]);
  if (!first || !last || !whole) return <section class="timebar" aria-label="Time" />;
  const from = Date.parse(`${first.slice(0, 10)}T00:00:00Z`) - 7 * DAY;
  const until = Date.parse(last) + DAY;
  const start = () => {
    go(having({ known: day(from) }), 'replace');
    play(true);
  };
  return (
    <section class="timebar" aria-label="Time">
      <Slider
        label={texts.time.known}
        from={from}
        until={until}
        at={known.value}
        none={texts.time.now}
        set={(at) => go(having({ known: at }), 'replace')}
      />
      <Slider
        label={texts.time.happened}
        from={from - 365 * DAY}
        until={until}
        at={happened.value}
        none={texts.time.ever}
        set={(at) => go(having({ happened: at }), 'replace')}
      />
      <button onClick={() => (playing ? play(false) : start())}>{playing ? texts.time.stop : texts.time.play}</button>
    </section>
  );
}

/** Says that a view is of the past. */
export function PastNotice() {
  if (!known.value) return null;
  return (
    <p class="past" role="status">
      {texts.time.past(known.value)} <a href={having({ known: null })}>{texts.time.back}</a>
    </p>
  );
}
