// Everything known about one person, and what was done.
import { useAnswer } from '../client';
import { when } from '../format';
import { Chip, Panel, Shown } from '../parts/basics';
import { Evidence } from '../parts/evidence';
import { known, path, to } from '../route';
import { texts } from '../texts';
import type { Why } from '../types';

interface SubjectView {
  subject: string;
  canonical: string;
  flags: string[];
  case: string;
  reviews: { alert: string; kind: string; entry: string; review: string; verdict: string | null }[];
  redress: { id: string; ground: string; granted?: boolean | null }[];
}

export function SubjectPage() {
  const id = path.value[1] ?? '';
  const at = { known_at: known.value };
  const address = `/v1/subjects/${encodeURIComponent(id)}`;
  const subject = useAnswer<SubjectView>(address, at);
  const why = useAnswer<Why>(`${address}/why`, at);
  return (
    <>
      <h1>
        {texts.pages.subject} {id}
      </h1>
      <Shown of={subject}>
        {(subject) => (
          <>
            <p class="facts">
              {subject.case && <Chip tone={subject.case}>{subject.case.replaceAll('_', ' ')}</Chip>}
              {subject.flags.map((flag) => (
                <Chip tone="late">{flag}</Chip>
              ))}
              {subject.canonical !== subject.subject && <span>one with {subject.canonical}</span>}
            </p>
            <Panel title="Alerts">
              {subject.reviews.length === 0 && <p class="quiet">{texts.nothing}</p>}
              <table>
                <tbody>
                  {subject.reviews.map((review) => (
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
            {subject.redress.length > 0 && (
              <Panel title="Requests for redress">
                <ul>
                  {subject.redress.map((request) => (
                    <li>
                      {request.ground} {request.granted != null && <Chip>{request.granted ? 'granted' : 'refused'}</Chip>}
                    </li>
                  ))}
                </ul>
              </Panel>
            )}
          </>
        )}
      </Shown>
      <Shown of={why}>
        {(why) => (
          <>
            <p>{why.standing}</p>
            {why.network && <Evidence subject={id} network={why.network} />}
            <Panel title="What happened to its alerts">
              <ol class="history">
                {why.alerts.flatMap((one) =>
                  one.history.map((step) => (
                    <li>
                      <time>{when(step.known_at)}</time> {step.change} <small>{step.purpose}, commit {step.seq}</small>
                    </li>
                  )),
                )}
              </ol>
            </Panel>
          </>
        )}
      </Shown>
    </>
  );
}
