// One alert: the two sides aligned, why, what was done, and the panel to decide in.
import { useState } from 'preact/hooks';
import { Problem, changes, get, now, send, useAnswer } from '../client';
import { percent, when } from '../format';
import { Evidence } from '../parts/evidence';
import { Chip, Differences, Panel, Shown } from '../parts/basics';
import { useKeys } from '../parts/keys';
import { ESCALATIONS, REASONS } from '../reasons';
import { go, known, path, query, to } from '../route';
import { texts } from '../texts';
import { useSession } from './login';
import type { Explanation, Finding, QueuePage, QueueRow, Review, Verdict, Why } from '../types';

const RETURN = 'check_again';

export function AlertPage() {
  const id = path.value[1] ?? '';
  const review = useAnswer<Review>(`/v1/alerts/${id}`, { known_at: known.value });
  const why = useAnswer<Why>(`/v1/alerts/${id}/why`, { known_at: known.value });
  return (
    <Shown of={review}>
      {(review) => {
        const found = why.value?.alerts.find((one) => one.alert.alert === review.alert);
        return (
          <>
            <h1>
              <a href={to(`/subject/${encodeURIComponent(review.subject)}`)}>{found?.subject_caption ?? review.subject}</a>
              <small> {review.subject}</small>
            </h1>
            <p class="facts">
              <Chip tone={review.cause.kind}>{texts.queue.kinds[review.cause.kind] ?? review.cause.kind}</Chip>
              <span>
                {texts.alert.score} <strong>{percent(review.score)}</strong>
                {found?.threshold != null && ` · ${texts.alert.threshold} ${percent(found.threshold)}`}
              </span>
              <span>opened {when(review.opened)}</span>
              <span>due {when(review.due)}</span>
              <Chip tone={review.review}>{texts.states[review.review] ?? review.review}</Chip>
              {review.withdrawn && <Chip tone="withdrawn">withdrawn {when(review.withdrawn)}</Chip>}
            </p>
            <div class="columns">
              <div>
                {found?.explanation && (
                  <Sides explanation={found.explanation} captions={[found.subject_caption ?? review.subject, found.entry_caption ?? review.cause.entry]} />
                )}
                {why.value?.network && <Evidence subject={review.subject} network={why.value.network} />}
                <History review={review} />
              </div>
              {known.value === null && review.state === 'open' && <Decide key={review.alert} review={review} />}
            </div>
          </>
        );
      }}
    </Shown>
  );
}

/** The two sides property by property; what one side does not state is shown as not stated. */
function Sides({ explanation, captions }: { explanation: Explanation; captions: [string, string] }) {
  const names = explanation.names;
  const stated = (values: string[]) =>
    values.length ? values.map((value) => <bdi dir="auto">{value}</bdi>) : <em class="missing">{texts.alert.missing}</em>;
  return (
    <Panel title={texts.alert.why}>
      <table class="sides">
        <thead>
          <tr>
            <th scope="col">Property</th>
            <th scope="col">
              {texts.alert.subject}: <bdi dir="auto">{captions[0]}</bdi>
            </th>
            <th scope="col">
              {texts.alert.entry}: <bdi dir="auto">{captions[1]}</bdi>
            </th>
            <th scope="col">Found</th>
          </tr>
        </thead>
        <tbody>
          {names && (
            <tr>
              <th scope="row">name</th>
              <Differences left={names.subject} right={names.entry} />
              <td>
                {percent(names.score)}
                {names.weak && <Chip>weak alias</Chip>}
              </td>
            </tr>
          )}
          {names?.pairs.map((pair) => (
            <tr class="pair">
              <th scope="row"></th>
              <td>
                <bdi dir="auto">{pair.subject}</bdi>
              </td>
              <td>
                <bdi dir="auto">{pair.entry}</bdi>
              </td>
              <td>
                {pair.relation} <small>{percent(pair.similarity)}</small>
              </td>
            </tr>
          ))}
          {explanation.findings.map((finding) => (
            <tr>
              <th scope="row">{finding.property}</th>
              <td>{stated(finding.subject)}</td>
              <td>{stated(finding.entry)}</td>
              <td>
                <Chip tone={finding.verdict}>{texts.alert[finding.verdict]}</Chip> {finding.rule}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {explanation.why_not_higher.length > 0 && (
        <>
          <h3>{texts.alert.higher}</h3>
          <ul>
            {explanation.why_not_higher.map((reason) => (
              <li>{reason}</li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

function History({ review }: { review: Review }) {
  return (
    <Panel title={texts.alert.history}>
      {review.history.length === 0 && <p class="quiet">Nothing yet.</p>}
      <ol class="history">
        {review.history.map((row) => (
          <li class={row.void ? 'void' : ''}>
            <time>{when(row.known_at)}</time> <strong>{row.by}</strong> {row.act.replaceAll('_', ' ')}
            {row.note && <q>{row.note}</q>}
            {row.void != null && <Chip>does not count</Chip>}
          </li>
        ))}
      </ol>
    </Panel>
  );
}

/** The alert that stands after this one in the queue, or the first one where this one is no longer in sight. */
async function next(after: string, roles: string[]): Promise<void> {
  const page = await get<QueuePage>('/v1/queue', { state: query.value.get('state'), limit: 200 });
  const place = page.rows.findIndex((one) => one.alert === after);
  // What waits for a second person is for those who may be one, and the rest for the others.
  const waits = (one: QueueRow) => ['cleared', 'second_person'].includes(one.state);
  const row = page.rows.slice(place + 1).find((one) => waits(one) === roles.includes('approver'));
  go(row ? to(`/alert/${row.alert}`) : to('/queue'));
}

function Decide({ review }: { review: Review }) {
  const { session } = useSession();
  const [verdict, choose] = useState<Verdict | 'escalate' | null>(null);
  const [note, write] = useState('');
  const [reason, because] = useState('');
  const [matches, find] = useState<Record<string, Finding>>({});
  const [said, say] = useState<{ tone: string; text: string } | null>(null);
  const [busy, work] = useState(false);
  const reasons = verdict === null ? [] : verdict === 'escalate' ? ESCALATIONS : REASONS[verdict];
  const pick = (chosen: Verdict | 'escalate') => {
    say(null);
    choose(chosen);
    because((chosen === 'escalate' ? ESCALATIONS : REASONS[chosen])[0]?.[0] ?? '');
    if (chosen === 'escalate') return;
    const every: Record<Verdict, Finding> = { same: 'same', different: 'different', inconclusive: 'unknown' };
    find(Object.fromEntries(review.matches.map((match) => [match, every[chosen]])));
  };
  const act = async (step: Record<string, unknown>, note?: string) => {
    work(true);
    say(null);
    try {
      await send(`/v1/alerts/${review.alert}/decisions`, { seen: review.steps, step, ...(note ? { note } : {}) });
      say({ tone: 'good', text: texts.alert.decided });
      choose(null);
      write('');
    } catch (error) {
      const problem = error as Problem;
      const conflict = problem.status === 409;
      say({ tone: 'problem', text: conflict ? texts.alert.conflict : problem.message });
      if (conflict) changes.value += 1;
    } finally {
      work(false);
    }
  };
  const grounds = { reason, matches };
  const propose = () =>
    verdict && act(verdict === 'escalate' ? { act: 'escalate', reason } : { act: 'propose', verdict, grounds }, note);
  const proposal = review.proposal?.decision ?? review.proposal?.id;
  const last = review.history.findLast((row) => !row.void);
  useKeys({
    s: () => pick('same'),
    d: () => pick('different'),
    i: () => pick('inconclusive'),
    e: () => pick('escalate'),
    r: () => document.getElementById('reason')?.focus(),
    n: () => void next(review.alert, session?.roles ?? []),
    u: () => last && void act({ act: 'undo', decision: last.id }),
  });
  return (
    <Panel title={texts.alert.decide}>
      <form
        class="decide"
        onSubmit={(event) => {
          event.preventDefault();
          void propose();
        }}
      >
        <div class="others">
          <button type="button" disabled={busy} onClick={() => act({ act: 'claim', until: new Date(now() + 1_800_000).toISOString() })}>
            {texts.alert.claim}
          </button>
          <button type="button" disabled={busy} onClick={() => pick('escalate')}>
            {texts.alert.escalate} …
          </button>
          {last && (
            <button type="button" disabled={busy} onClick={() => act({ act: 'undo', decision: last.id })}>
              {texts.alert.undo}
            </button>
          )}
        </div>
        <p class={`said ${said?.tone ?? ''}`} role="status">
          {said?.text}
        </p>
        <fieldset>
          <legend>{texts.alert.verdict}</legend>
          {(['same', 'different', 'inconclusive'] as const).map((one) => (
            <label>
              <input type="radio" name="verdict" checked={verdict === one} onChange={() => pick(one)} /> {one}
            </label>
          ))}
        </fieldset>
        {/* What comes and goes stands last, so that nothing else moves. */}
        {proposal && (
          <div class="proposal">
            <p>
              <strong>{review.proposal?.by}</strong> proposes: <Chip tone={review.proposal?.verdict ?? ''}>{review.proposal?.verdict}</Chip>
            </p>
            <button type="button" disabled={busy} onClick={() => act({ act: 'confirm', proposal })}>
              {texts.alert.confirm}
            </button>
            <button type="button" disabled={busy || !note.trim()} onClick={() => act({ act: 'return', proposal, reason: RETURN }, note)}>
              {texts.alert.return}
            </button>
          </div>
        )}
        {verdict && (
          <>
            <label>
              {texts.alert.reason}
              <select id="reason" value={reason} onChange={(event) => because(event.currentTarget.value)}>
                {reasons.map(([word, text]) => (
                  <option value={word}>{text}</option>
                ))}
              </select>
            </label>
            {verdict !== 'escalate' && review.matches.length > 1 && (
              <fieldset>
                <legend>{texts.alert.matches}</legend>
                {review.matches.map((match) => (
                  <label>
                    {match}
                    <select
                      value={matches[match]}
                      onChange={(event) => find({ ...matches, [match]: event.currentTarget.value as Finding })}
                    >
                      {(['same', 'different', 'unknown'] as const).map((one) => (
                        <option>{one}</option>
                      ))}
                    </select>
                  </label>
                ))}
              </fieldset>
            )}
          </>
        )}
        {(verdict || proposal) && (
          <label>
            {texts.alert.note}
            <textarea rows={3} value={note} onInput={(event) => write(event.currentTarget.value)} />
          </label>
        )}
        {verdict && (
          <>
            {verdict !== 'escalate' && <p class="quiet">{texts.alert.second}</p>}
            <button class="primary" disabled={busy || !note.trim()}>
              {verdict === 'escalate' ? texts.alert.escalate : `Propose: ${verdict}`}
            </button>
          </>
        )}
      </form>
    </Panel>
  );
}
