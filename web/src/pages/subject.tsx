// Everything known about one person, and what was done.
import { useAnswer } from '../client';
import { when } from '../format';
import { Chip, Panel, Shown } from '../parts/basics';
import { Evidence } from '../parts/evidence';
import { known, path, to } from '../route';
import { texts } from '../texts';
import type { Why } from '../types';

interface Case {
  subject: string;
  canonical: string;
  one_with: string[];
  flags: string[];
  case: string | null;
  reviews: { alert: string; kind: string; entry: string; review: string; verdict: string | null }[];
  redress: { id: string; what: { ground: string }; outcome: string }[];
}

/** Everything that the store has of somebody, as known at one time. */
interface Dossier {
  case: Case;
  stated: {
    dataset: string;
    entity: { id: string; schema: string; properties: Record<string, string[]> };
    source: string | null;
    grade: string | null;
    valid_from: string | null;
    since: string;
  } | null;
  events: { id: string; event: string; at: string | null; source: string | null; detail?: string | null }[];
  hold: { reason: string } | null;
  why: Why;
}

export function SubjectPage() {
  const id = path.value[1] ?? '';
  const dossier = useAnswer<Dossier>(`/v1/subjects/${encodeURIComponent(id)}`, { known_at: known.value });
  return (
    <Shown of={dossier}>
      {({ case: standing, stated, events, hold, why }) => (
        <>
          <h1>
            <bdi dir="auto">{stated?.entity.properties['name']?.[0] ?? id}</bdi> <small>{id}</small>
          </h1>
          <p class="facts">
            {standing.case && <Chip tone={standing.case}>{standing.case.replaceAll('_', ' ')}</Chip>}
            {standing.flags.map((flag) => (
              <Chip tone="late">{flag}</Chip>
            ))}
            {hold && <Chip tone="late">legal hold: {hold.reason}</Chip>}
            {standing.canonical !== standing.subject && <span>one with {standing.canonical}</span>}
            <span>{why.standing}</span>
          </p>
          {stated && <Statements stated={stated} />}
          <Alerts of={standing} />
          {why.network && <Evidence subject={id} network={why.network} />}
          <Panel title="Reported events">
            {events.length === 0 && <p class="quiet">{texts.nothing}</p>}
            <ol class="history">
              {events.map((event) => (
                <li>
                  <time>{when(event.at)}</time> {event.event.replaceAll('_', ' ')} <small>{event.source}</small>
                </li>
              ))}
            </ol>
          </Panel>
          {standing.redress.length > 0 && (
            <Panel title="Requests for redress">
              <ul>
                {standing.redress.map((request) => (
                  <li>
                    {request.what.ground} <Chip>{request.outcome}</Chip>
                  </li>
                ))}
              </ul>
            </Panel>
          )}
          <Panel title="What happened to its alerts">
            <ol class="history">
              {why.alerts.flatMap((one) =>
                one.history.map((step) => (
                  <li>
                    <time>{when(step.known_at)}</time> {step.change}{' '}
                    <small>
                      {step.purpose}, commit {step.seq}
                    </small>
                  </li>
                )),
              )}
            </ol>
          </Panel>
        </>
      )}
    </Shown>
  );
}

/** Statement by statement: the value, who states it, how well graded, and since when it is known and true. */
function Statements({ stated }: { stated: NonNullable<Dossier['stated']> }) {
  return (
    <Panel title="What is stated">
      <table>
        <thead>
          <tr>
            {['Property', 'Value', 'Source', 'True from', 'Known since'].map((column) => (
              <th scope="col">{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Object.entries(stated.entity.properties).flatMap(([property, values]) =>
            values.map((value) => (
              <tr>
                <th scope="row">{property}</th>
                <td>
                  <bdi dir="auto">{value}</bdi>
                </td>
                <td>
                  {stated.source ?? stated.dataset} {stated.grade && <small>{stated.grade}</small>}
                </td>
                <td>{stated.valid_from}</td>
                <td>{when(stated.since)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </Panel>
  );
}

function Alerts({ of: standing }: { of: Case }) {
  return (
    <Panel title="Alerts">
      {standing.reviews.length === 0 && <p class="quiet">{texts.nothing}</p>}
      <table>
        <tbody>
          {standing.reviews.map((review) => (
            <tr>
              <td>
                <a href={to(`/alert/${review.alert}`)}>{review.alert.slice(0, 8)}</a>
              </td>
              <td>
                <Chip tone={review.kind}>{texts.queue.kinds[review.kind] ?? review.kind}</Chip> {review.entry}
              </td>
              <td>{texts.states[review.review] ?? review.review}</td>
              <td>{review.verdict}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
