// One alert: the two sides aligned, why, what changed and was done, and the panel to decide in.
import { get, useAnswer } from '../client';
import { now, percent, span, when } from '../format';
import { Chip, Data, Panel, Shown, Subject, Table } from '../parts/basics';
import { Decide } from '../parts/decide';
import { Evidence } from '../parts/evidence';
import { Sides, Stated } from '../parts/sides';
import { go, known, path, to } from '../route';
import { may } from '../session';
import { texts, word } from '../texts';
import type { EvidenceChanges, HistoryRow, QueuePage, QueueRow, Review, Why, WhyAlert } from '../types';
import { FILTERS, filtered } from './queue';

export function AlertPage() {
  const id = path.value[1] ?? '';
  const review = useAnswer<Review>(`/v1/alerts/${id}`, { known_at: known.value });
  const why = useAnswer<Why>(`/v1/alerts/${id}/why`, { known_at: known.value });
  return (
    <Shown of={review}>
      {(review) => {
        const found = why.value?.alerts.find((one) => one.alert.alert === review.alert);
        const captions: [string, string] = [found?.subject_caption ?? review.subject, found?.entry_caption ?? review.cause.entry];
        const decidable = known.value === null && review.state === 'open';
        return (
          <>
            <h1>
              <Subject id={review.subject} caption={found?.subject_caption} />
            </h1>
            <p class="lead">{texts.alert.sentence(review.cause.kind, captions[1], review.cause.dataset)}</p>
            <Facts review={review} found={found} />
            <div class={decidable ? 'columns' : ''}>
              <div>
                {found?.explanation && <Sides explanation={found.explanation} captions={captions} />}
                {why.value?.network && <Evidence subject={review.subject} network={why.value.network} />}
                {!found && <div class="placeholder">{texts.loading}</div>}
                <History review={review} found={found} />
                {review.steps > 0 && known.value === null && <Changed alert={review.alert} />}
              </div>
              {decidable && <Decide review={review} next={() => next(review.alert)} />}
            </div>
          </>
        );
      }}
    </Shown>
  );
}

function Facts({ review, found }: { review: Review; found: WhyAlert | undefined }) {
  const over = !review.withdrawn && review.review !== 'final' && review.due < now();
  return (
    <p class="facts">
      <Chip tone={review.cause.kind}>{texts.queue.kinds[review.cause.kind] ?? review.cause.kind}</Chip>
      <span>
        {texts.alert.score} <strong>{percent(review.score)}</strong>
        {found?.threshold != null && ` · ${texts.alert.threshold} ${percent(found.threshold)}`}
      </span>
      <span>{texts.alert.opened(when(review.opened), span(review.opened))}</span>
      <span class={over ? 'late' : ''}>{texts.alert.due(when(review.due))}</span>
      <Chip tone={review.review}>{texts.states[review.review] ?? word(review.review)}</Chip>
      {review.assigned && <span>{texts.alert.assigned(review.assigned)}</span>}
      {review.suppressed && <Chip>{texts.alert.suppressed}</Chip>}
      {review.withdrawn && <Chip tone="withdrawn">{texts.alert.withdrawn(when(review.withdrawn))}</Chip>}
    </p>
  );
}

/** What is stated now and was not at the last verdict, or the other way round. */
function Changed({ alert }: { alert: string }) {
  const changes = useAnswer<EvidenceChanges>(`/v1/alerts/${alert}/changes`);
  if (!changes.value || changes.value.changes.length === 0) return null;
  return (
    <Panel title={texts.alert.changed}>
      <Table
        columns={texts.alert.changedColumns}
        rows={changes.value.changes.map((change) => [
          word(change.of),
          word(change.property),
          <Stated values={change.before} />,
          <Stated values={change.after} />,
        ])}
      />
    </Panel>
  );
}

/** What screening found and what people did, in order. */
function History({ review, found }: { review: Review; found: WhyAlert | undefined }) {
  const screened = (found?.history ?? []).map((step) => ({ known_at: step.known_at, step, row: null }));
  const decided = review.history.map((row) => ({ known_at: row.known_at, step: null, row }));
  // Decisions of one moment stay in the order in which they were taken.
  const all = [...screened, ...decided].sort((a, b) => Date.parse(a.known_at) - Date.parse(b.known_at));
  return (
    <Panel title={texts.alert.history}>
      {all.length === 0 && <p class="quiet">{texts.nothing}</p>}
      <ol class="history">
        {all.map(({ known_at, step, row }) =>
          row ? (
            <Decided row={row} />
          ) : (
            <li>
              <time>{when(known_at)}</time> {texts.alert.screening[step.change]}{' '}
              <small>{texts.alert.commit(step.seq, step.files.join(', ') || step.purpose)}</small>
            </li>
          ),
        )}
      </ol>
    </Panel>
  );
}

function Decided({ row }: { row: HistoryRow }) {
  const reason = 'grounds' in row ? row.grounds.reason : 'reason' in row ? row.reason : null;
  return (
    <li class={row.void ? 'void' : ''}>
      <time>{when(row.known_at)}</time> <strong>{row.by}</strong> {texts.acts[row.act] ?? word(row.act)}{' '}
      {'verdict' in row && <Chip tone={row.verdict}>{texts.verdicts[row.verdict]}</Chip>}{' '}
      {reason && <small>{(texts.reasons as Record<string, string>)[reason] ?? reason}</small>}
      {row.void != null && <Chip>{texts.alert.void}</Chip>}
      {row.note && (
        <q>
          <Data>{row.note}</Data>
        </q>
      )}
    </li>
  );
}

/** The next alert of the view of the queue that this one was opened from. */
async function next(after: string): Promise<void> {
  if (!may('read')) return;
  const filter = filtered();
  const page = await get<QueuePage>('/v1/queue', { ...filter, limit: 200 });
  const here = page.rows.findIndex((one) => one.alert === after);
  // What waits for a second person is for those who may be one, and the rest for the others.
  const waits = (one: QueueRow) => ['cleared', 'second_person'].includes(one.state);
  const decidable = (one: QueueRow) => (waits(one) ? may('confirm') : may('propose') || may('clear'));
  const row = page.rows.slice(here + 1).find(decidable);
  const kept = Object.fromEntries(FILTERS.map((name) => [name, filter[name] ?? undefined]));
  go(row ? to(`/alert/${row.alert}`, kept) : to('/queue', kept));
}
