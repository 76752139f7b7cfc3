// How the backlog goes on: as it went, and under a scenario that is set with sliders.
import { useEffect, useState } from 'preact/hooks';
import { type Failure, ask } from '../client';
import { texts } from '../texts';
import type { Forecast as Answer, ForecastQuestion } from '../types';
import { Figure, Panel } from './basics';

type Sliders = Record<(typeof SLIDERS)[number]['name'], number>;

/** Each slider: from where to where, in which steps, and where it stands at first. */
const SLIDERS = [
  { name: 'people', min: 1, max: 40, step: 1, at: 5 },
  { name: 'perDay', min: 1, max: 60, step: 1, at: 8 },
  { name: 'second', min: 0, max: 100, step: 5, at: 100 },
  { name: 'confirmers', min: 1, max: 20, step: 1, at: 2 },
  { name: 'reopening', min: 0, max: 50, step: 1, at: 5 },
  { name: 'deadline', min: 1, max: 60, step: 1, at: 10 },
  { name: 'shock', min: 0, max: 5000, step: 50, at: 0 },
  { name: 'horizon', min: 4, max: 52, step: 1, at: 12 },
] as const;

const WORKING_DAYS_OF_A_WEEK = 5;
/** Confirming is quicker than deciding: what is to be looked at was written down. */
const CONFIRMED_FOR_ONE_DECIDED = 3;
const PATIENCE = 250;

function question(at: Sliders): ForecastQuestion {
  return {
    horizon: at.horizon,
    period: 'week',
    seed: 1,
    scenario: {
      days_in_period: WORKING_DAYS_OF_A_WEEK,
      reviewers: { people: at.people, per_day: at.perDay },
      four_eyes: at.second ? { share: at.second / 100, reviewers: { people: at.confirmers, per_day: at.perDay * CONFIRMED_FOR_ONE_DECIDED } } : null,
      reopening: { share: at.reopening / 100, mean_days: 20 },
      classes: [{ name: 'all', share: 1, deadline_days: at.deadline }],
      shocks: at.shock ? [{ alerts: at.shock, class: 0, period: 1 }] : [],
    },
  };
}

export function Forecast() {
  const [at, set] = useState<Sliders>(() => Object.fromEntries(SLIDERS.map((one) => [one.name, one.at])) as Sliders);
  const [answer, show] = useState<Answer | null>(null);
  const [wrong, say] = useState('');
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      ask<Answer>('/v1/forecast', question(at), abort.signal).then(
        (answer) => (show(answer), say('')),
        (failure: Failure) => failure.name !== 'AbortError' && say(failure.message),
      );
    }, PATIENCE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [at]);
  return (
    <Panel title={texts.forecast.title}>
      <div class="forecast">
        <div class="sliders">
          {SLIDERS.map((one) => (
            <label>
              <span>{texts.forecast.sliders[one.name]}</span>
              <input
                type="range"
                min={one.min}
                max={one.max}
                step={one.step}
                value={at[one.name]}
                onInput={(event) => set({ ...at, [one.name]: Number(event.currentTarget.value) })}
              />
              <output>{at[one.name].toLocaleString('en')}</output>
            </label>
          ))}
        </div>
        {answer && !wrong ? <Outlook answer={answer} /> : <p class={`placeholder ${wrong ? '' : 'quiet'}`}>{wrong || texts.loading}</p>}
      </div>
    </Panel>
  );
}

function Outlook({ answer }: { answer: Answer }) {
  const { scenario, as_before: before } = answer;
  const days = (value: number | null | undefined) => (value == null ? texts.forecast.beyond : texts.days(Math.round(value)));
  return (
    <div>
      <div class="figures">
        <Figure value={answer.stock.toLocaleString('en')} label={texts.forecast.stock} />
        <Figure value={(scenario.periods.at(-1)?.open ?? 0).toLocaleString('en')} label={texts.forecast.end} />
        <Figure value={days(scenario.clearance_days)} label={texts.forecast.clearance} />
        <Figure value={scenario.past_deadline == null ? '–' : `${Math.round(scenario.past_deadline * 100)} %`} label={texts.forecast.late} />
      </div>
      <Curve answer={answer} />
      <p class="quiet">
        {texts.forecast.runs(scenario.runs)} {before.length === 0 ? '' : texts.forecast.before}
      </p>
    </div>
  );
}

/** The stock to come: the scenario with 80 of 100 runs around it, and as it went, dashed. */
function Curve({ answer }: { answer: Answer }) {
  const { scenario, as_before: before, stock } = answer;
  const periods = scenario.periods.length;
  const highest = Math.max(1, stock, ...scenario.periods.map((one) => one.range_80.high), ...before.map((one) => one.stock));
  const x = (ahead: number) => 50 + (ahead / Math.max(1, periods)) * 530;
  const y = (open: number) => 170 - (Math.max(0, open) / highest) * 150;
  const line = (points: [number, number][]) => points.map(([ahead, open], index) => `${index ? 'L' : 'M'}${x(ahead)} ${y(open)}`).join(' ');
  const here: [number, number] = [0, stock];
  const upper = scenario.periods.map((one): [number, number] => [one.ahead, one.range_80.high]);
  const lower = scenario.periods.map((one): [number, number] => [one.ahead, one.range_80.low]);
  return (
    <svg class="curve" viewBox="0 0 600 200" role="img" aria-label={texts.forecast.curve(stock, scenario.periods.at(-1)?.open ?? 0, periods)}>
      {[0, highest / 2, highest].map((tick) => (
        <>
          <line class="grid" x1={50} x2={580} y1={y(tick)} y2={y(tick)} />
          <text x={44} y={y(tick) + 4} text-anchor="end">
            {Math.round(tick).toLocaleString('en')}
          </text>
        </>
      ))}
      <path class="band" d={`${line([here, ...upper])} ${line([...lower.reverse(), here]).replace('M', 'L')} Z`} />
      <path class="before" d={line([here, ...before.map((one): [number, number] => [one.ahead, one.stock])])} />
      <path d={line([here, ...scenario.periods.map((one): [number, number] => [one.ahead, one.open])])} />
      <text x={50} y={192}>
        {answer.origin}
      </text>
      <text x={580} y={192} text-anchor="end">
        {texts.forecast.weeks(periods)}
      </text>
    </svg>
  );
}
