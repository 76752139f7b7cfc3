// The panel to decide in: what whoever is here may do about an alert in its state. Refusals are the server's, and are shown as it says them.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure, get, send } from '../client';
import { now } from '../format';
import { REASONS } from '../reasons';
import { go, query, to } from '../route';
import { may, session } from '../session';
import { texts, word } from '../texts';
import type { BulkDone, Finding, Reason, Review, ReviewState, Step, Verdict } from '../types';
import { Chip, Panel, useActs } from './basics';
import { useKeys } from './keys';

const VERDICTS = ['same', 'different', 'inconclusive'] as const;
const UNDECIDED: ReviewState[] = ['new', 'queued', 'reopened', 'first_line', 'escalated', 'inconclusive', 'needs_information', 'second_line'];
const HALF_AN_HOUR = 30 * 60_000;
const DAY = 86_400_000;
/** What cannot be said yet is looked at again after so many days, unless its time is over before. */
const AGAIN_DAYS = 14;

const later = (milliseconds: number): string => new Date(Date.parse(now()) + milliseconds).toISOString();

const take = (review: Review, step: Step, note?: string): Promise<unknown> =>
  send(`/v1/alerts/${review.alert}/decisions`, { seen: review.steps, step, ...(note?.trim() ? { note: note.trim() } : {}) });

/** Takes back what this account decided last about an alert, as it stands now. */
export async function undo(alert: string): Promise<unknown> {
  const review = await get<Review>(`/v1/alerts/${alert}`);
  const last = review.history.findLast((row) => !row.void && row.act !== 'undo');
  if (!last || last.by !== session.value?.account) throw new Failure(0, 'nothing', texts.alert.nothingOwn);
  return take(review, { act: 'undo', decision: last.id });
}

/** The step by which this account says a verdict: the second line proposes, the first line clears, passes on, or sets aside. */
function stepFor(verdict: Verdict, reason: Reason, matches: Record<string, Finding>, review: Review): Step {
  if (may('propose')) return { act: 'propose', verdict, grounds: { reason, matches } };
  if (verdict === 'different') return { act: 'clear', grounds: { reason, matches } };
  if (verdict === 'same') return { act: 'escalate', reason: 'likely_same' };
  const again = later(AGAIN_DAYS * DAY);
  const due = review.due > now() && review.due < again ? review.due : again;
  return { act: 'inconclusive', due, owner: session.value?.account ?? '', reason };
}

export function Decide({ review, next }: { review: Review; next: () => Promise<void> }) {
  const [verdict, choose] = useState<Verdict | null>(null);
  const [note, write] = useState('');
  const [reason, because] = useState<Reason>('only_name_agrees');
  const [matches, find] = useState<Record<string, Finding>>({});
  const [escalating, escalate] = useState(false);
  const { busy, act, said, forget } = useActs();
  const form = useRef<HTMLFormElement>(null);
  const undecided = UNDECIDED.includes(review.review);
  const pick = (chosen: Verdict) => {
    if (!undecided) return;
    choose(chosen);
    escalate(false);
    because(REASONS[chosen][0]!);
    const every: Record<Verdict, Finding> = { same: 'same', different: 'different', inconclusive: 'unknown' };
    find(Object.fromEntries(review.matches.map((match) => [match, every[chosen]])));
  };
  const passOn = () => {
    if (!undecided || !may('escalate')) return;
    choose(null);
    escalate(true);
    because(REASONS.escalate[0]!);
  };
  useEffect(() => {
    choose(null);
    escalate(false);
    write('');
    find({});
    forget();
    const asked = query.value.get('verdict');
    if (asked === 'escalate') passOn();
    else if (VERDICTS.includes(asked as Verdict)) pick(asked as Verdict);
  }, [review.alert]);
  const decide = async (step: Step, text: string, words?: string) => {
    const done = await act(() => take(review, step, words), text);
    if (done === null) return;
    choose(null);
    escalate(false);
    write('');
    (document.activeElement as HTMLElement | null)?.blur();
  };
  const propose = () => {
    if (busy) return;
    if (escalating) void decide({ act: 'escalate', reason }, texts.alert.escalated, note);
    else if (verdict && note.trim()) void decide(stepFor(verdict, reason, matches, review), texts.alert.decided, note);
  };
  const last = review.history.findLast((row) => !row.void);
  const undoable = last && last.by === session.value?.account && may('undo');
  const takeBack = () => void act(() => undo(review.alert), texts.alert.undone);
  useKeys({
    s: () => pick('same'),
    d: () => pick('different'),
    i: () => pick('inconclusive'),
    e: passOn,
    r: () => form.current?.querySelector<HTMLElement>('#reason')?.focus(),
    Enter: () => form.current?.querySelector<HTMLElement>('#note')?.focus(),
    n: () => void next(),
    u: takeBack,
    q: () => go(to('/queue')),
  });
  const reasons = verdict ? REASONS[verdict] : escalating ? REASONS.escalate : null;
  const told = verdict && !may('propose') ? texts.alert.firstLine[verdict] : escalating ? texts.alert.escalates : texts.alert.second;
  return (
    <Panel title={texts.alert.decide} id="decide">
      <form
        class="decide"
        ref={form}
        onSubmit={(event) => {
          event.preventDefault();
          propose();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) propose();
          else if (event.key === 'Escape') (event.target as HTMLElement).blur();
        }}
      >
        <div class="others">
          <button type="button" onClick={() => void next()}>
            {texts.alert.next}
          </button>
          {undecided && may('claim') && !review.lock && (
            <button
              type="button"
              disabled={busy}
              onClick={() => decide({ act: 'claim', until: later(HALF_AN_HOUR) }, texts.alert.claimed)}
            >
              {texts.alert.claim}
            </button>
          )}
          {undecided && may('escalate') && !escalating && (
            <button type="button" disabled={busy} onClick={passOn}>
              {texts.alert.escalate}
            </button>
          )}
          {review.review === 'final' && may('reopen') && (
            <button type="button" disabled={busy} onClick={() => decide({ act: 'reopen', reason: 'new_evidence' }, texts.alert.reopened, note)}>
              {texts.alert.reopen}
            </button>
          )}
          {undoable && (
            <button type="button" disabled={busy} onClick={takeBack}>
              {texts.alert.undo}
            </button>
          )}
        </div>
        {undecided && (may('propose') || may('clear')) && (
          <fieldset>
            <legend>{texts.alert.verdict}</legend>
            {VERDICTS.map((one) => (
              <label>
                <input type="radio" name="verdict" checked={verdict === one} onChange={() => pick(one)} /> {texts.verdicts[one]}
              </label>
            ))}
          </fieldset>
        )}
        {/* What comes and goes by what others do stands last, so that nothing else moves. */}
        {review.lock && <p class="quiet">{texts.alert.lockedBy(review.lock.by)}</p>}
        <Proposal review={review} note={note} busy={busy} decide={decide} />
        {reasons && (
          <>
            <label>
              {texts.alert.reason}
              <select id="reason" value={reason} onChange={(event) => because(event.currentTarget.value as Reason)}>
                {reasons.map((one) => (
                  <option value={one}>{texts.reasons[one]}</option>
                ))}
              </select>
            </label>
            {verdict && review.matches.length > 1 && <Matches review={review} matches={matches} find={find} />}
          </>
        )}
        {(reasons ?? review.proposal) && (
          <label>
            {texts.alert.note}
            <textarea id="note" rows={3} value={note} required={verdict !== null} onInput={(event) => write(event.currentTarget.value)} />
          </label>
        )}
        {reasons && (
          <>
            <p class="quiet">{told}</p>
            <button class="primary" disabled={busy || (verdict !== null && !note.trim())}>
              {verdict ? texts.alert.propose(may('propose') ? 'propose' : 'say', verdict) : texts.alert.escalate}
            </button>
          </>
        )}
        {said}
      </form>
    </Panel>
  );
}

/** What the first person proposed, for the second to confirm or return. Whoever proposed it is not offered to confirm it. */
function Proposal(props: {
  review: Review;
  note: string;
  busy: boolean;
  decide: (step: Step, text: string, words?: string) => Promise<void>;
}) {
  const { review, note, busy, decide } = props;
  const proposal = review.proposal;
  const { busy: following, act, said } = useActs();
  if (!proposal) return null;
  const bulk = review.history.find((row) => row.id === proposal.decision)?.bulk;
  const own = proposal.person === session.value?.person;
  return (
    <div class="proposal">
      <p>
        {texts.alert.proposes(proposal.by)} <Chip tone={proposal.verdict}>{texts.verdicts[proposal.verdict]}</Chip>
      </p>
      <p class="quiet">{texts.reasons[proposal.grounds.reason]}</p>
      {own || !may('confirm') ? (
        <p class="quiet">{texts.alert.waits}</p>
      ) : (
        <>
          <button type="button" disabled={busy} onClick={() => decide({ act: 'confirm', proposal: proposal.decision }, texts.alert.decided, note)}>
            {texts.alert.confirm}
          </button>{' '}
          <button
            type="button"
            disabled={busy || !note.trim()}
            title={texts.alert.returnHow}
            onClick={() => decide({ act: 'return', proposal: proposal.decision, reason: 'check_again' }, texts.alert.returned, note)}
          >
            {texts.alert.return}
          </button>
          {bulk && (
            <button
              type="button"
              disabled={busy || following}
              onClick={() =>
                void act(
                  () => send<BulkDone>(`/v1/bulk/${encodeURIComponent(bulk)}/confirm`, note.trim() ? { note: note.trim() } : {}),
                  (done) => texts.bulk.done(done.done),
                )
              }
            >
              {texts.bulk.confirm}
            </button>
          )}
          {said}
        </>
      )}
    </div>
  );
}

function Matches(props: { review: Review; matches: Record<string, Finding>; find: (matches: Record<string, Finding>) => void }) {
  const { review, matches, find } = props;
  return (
    <fieldset>
      <legend>{texts.alert.matches}</legend>
      {review.matches.map((match) => (
        <label>
          {match}
          <select value={matches[match]} onChange={(event) => find({ ...matches, [match]: event.currentTarget.value as Finding })}>
            {(['same', 'different', 'unknown'] as const).map((one) => (
              <option value={one}>{word(one)}</option>
            ))}
          </select>
        </label>
      ))}
    </fieldset>
  );
}
