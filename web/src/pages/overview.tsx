// The story of learning: how many were found to be concerned at each known time, what made it so, what was done, and how the work goes on.
import { useAnswer } from '../client';
import { when } from '../format';
import { Bars, Chip, Data, Figure, Panel, Shown, Table } from '../parts/basics';
import { BehindPanel } from '../parts/behind';
import { Claims } from '../parts/claims';
import { Forecast } from '../parts/forecast';
import { ReportSection } from '../parts/report';
import { Story } from '../parts/story';
import { having, known, query, to } from '../route';
import { may } from '../session';
import { texts, word } from '../texts';
import type { CoverageAnswer, Figures, Health, QueuePage } from '../types';

/** What the answer has beside the figures. */
const NO_FIGURES = ['definitions', 'moved_sha256'];

export function Overview() {
  const at = { known_at: known.value };
  const figures = useAnswer<Figures>('/v1/figures', at);
  const behind = query.value.get('behind');
  const lookup = (name: string) => (may('explain_figures') ? having({ behind: name }) : undefined);
  return (
    <>
      <h1>{texts.pages.overview}</h1>
      <Shown of={figures}>{(figures) => <Numbers figures={figures} lookup={lookup} />}</Shown>
      {behind && may('explain_figures') && <BehindPanel figure={behind} />}
      {may('read') && (
        <Panel title={texts.overview.story}>
          <Story />
        </Panel>
      )}
      <Shown of={figures}>
        {(figures) => (
          <div class="cards">
            {may('read') && <Flow />}
            {groups(figures).map(([name, values]) => (
              <Panel title={word(name)} aside={<small>{meaning(figures, name)}</small>}>
                <Bars values={Object.entries(values)} href={(group) => lookup(`${name}.${group}`)} />
              </Panel>
            ))}
          </div>
        )}
      </Shown>
      <Claims />
      {known.value === null && <Forecast />}
      <div class="cards">
        <Coverage />
        {known.value === null && <Standing />}
        <Panel title={texts.overview.quality}>
          <p class="quiet">{texts.overview.unmeasured}</p>
        </Panel>
        <Panel title={texts.overview.selftest}>
          <p class="quiet">{texts.overview.unmeasured}</p>
        </Panel>
      </div>
      {may('report') && <ReportSection name="disparity" title={texts.overview.disparity} />}
      {may('report') && <ReportSection name="controls" title={texts.overview.controlsByName} />}
    </>
  );
}

const meaning = (figures: Figures, name: string): string | undefined => figures.definitions.find((one) => one.figure === name)?.meaning;

function groups(figures: Figures): [string, Record<string, number>][] {
  return Object.entries(figures).filter(
    (entry): entry is [string, Record<string, number>] => typeof entry[1] === 'object' && entry[1] !== null && !Array.isArray(entry[1]),
  );
}

/** Every single number, with what it counts; it leads to whom it counts. */
function Numbers({ figures, lookup }: { figures: Figures; lookup: (name: string) => string | undefined }) {
  const numbers = Object.entries(figures).filter(([name, value]) => !NO_FIGURES.includes(name) && (typeof value === 'number' || value === null));
  return (
    <div class="figures" id="figures">
      {numbers.map(([name, value]) => {
        const [title, href] = [meaning(figures, name), lookup(name)];
        const shown = typeof value === 'number' ? value.toLocaleString('en') : '–';
        return <Figure value={shown} label={word(name)} {...(title ? { title } : {})} {...(href ? { href } : {})} />;
      })}
    </div>
  );
}

/** How many reviews are in which state; each leads to its part of the queue. */
function Flow() {
  const page = useAnswer<QueuePage>('/v1/queue', { limit: 1, known_at: known.value });
  return (
    <Panel title={texts.overview.flow}>
      <Shown of={page}>
        {(page) => (
          <table class="bars">
            <tbody>
              {Object.entries(page.states).map(([state, number]) => (
                <tr>
                  <th scope="row">
                    <a href={to('/queue', { state })}>{texts.states[state] ?? word(state)}</a>
                  </th>
                  <td>
                    <meter min={0} max={Math.max(1, ...Object.values(page.states))} value={number} aria-label={texts.states[state] ?? state} />
                  </td>
                  <td class="number">{number.toLocaleString('en')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Shown>
    </Panel>
  );
}

/** What was examined with the last commit of the time, so that "not found" can be told from "not looked at". */
function Coverage() {
  const answer = useAnswer<CoverageAnswer>('/v1/coverage', { known_at: known.value });
  return (
    <Panel title={texts.overview.coverage}>
      <Shown of={answer}>
        {({ coverage, commit }) =>
          coverage ? (
            <>
              <div class="figures">
                <Figure value={coverage.screened.toLocaleString('en')} label={texts.overview.screened} />
                <Figure value={(coverage.subjects - coverage.screened).toLocaleString('en')} label={texts.overview.unscreened} />
                <Figure value={coverage.controls.toLocaleString('en')} label={texts.overview.controls} />
                <Figure value={(coverage.seeds ?? 0).toLocaleString('en')} label={texts.overview.seeds} />
              </div>
              {Object.keys(coverage.unscreenable).length > 0 && <Bars values={Object.entries(coverage.unscreenable)} />}
              <Table
                columns={texts.overview.coverageColumns}
                numbers={[1, 2]}
                rows={Object.entries(coverage.entries).map(([list, number]) => [
                  list,
                  number.toLocaleString('en'),
                  (coverage.unmatchable[list] ?? 0).toLocaleString('en'),
                ])}
              />
              {commit && <small>{texts.overview.ofCommit(commit.seq, when(commit.known_at))}</small>}
            </>
          ) : (
            <p class="quiet">{texts.nothing}</p>
          )
        }
      </Shown>
    </Panel>
  );
}

/** How fresh the lists are, what is held, and what somebody has to look at. */
function Standing() {
  const health = useAnswer<Health>('/v1/health');
  return (
    <Panel title={texts.overview.freshness} aside={<a href={to('/lists')}>{texts.overview.toLists}</a>}>
      <Shown of={health}>
        {(health) => (
          <>
            <p class="facts">
              <Chip tone={`light-${health.colour}`}>{word(health.colour)}</Chip>
              <Chip tone={health.controls_hold ? 'same' : 'different'}>{health.controls_hold ? texts.overview.hold : texts.overview.fail}</Chip>
            </p>
            <ul class="plainlist">
              {health.concerns.map((concern) => (
                <li class={concern.grave ? 'late' : ''}>
                  <Data>{concern.text}</Data>
                </li>
              ))}
            </ul>
            <Table
              columns={texts.overview.freshColumns}
              numbers={[1, 3]}
              rows={health.lists.map((list) => [
                list.dataset,
                list.entries.toLocaleString('en'),
                when(list.known_at),
                texts.days(Math.floor(list.age_seconds / 86_400)),
              ])}
            />
          </>
        )}
      </Shown>
    </Panel>
  );
}
