// Everything known about one person, statement by statement, and what was done.
import { useAnswer } from '../client';
import { when } from '../format';
import { Chip, Data, Panel, Shown, Table } from '../parts/basics';
import { Evidence } from '../parts/evidence';
import { Redress } from '../parts/redress';
import { known, path, to } from '../route';
import { texts, word } from '../texts';
import type { Dossier, SubjectCase } from '../types';

export function SubjectPage() {
  const id = path.value[1] ?? '';
  const dossier = useAnswer<Dossier>(`/v1/subjects/${encodeURIComponent(id)}`, { known_at: known.value });
  return (
    <Shown of={dossier}>
      {({ case: standing, stated, events, hold, why }) => (
        <>
          <h1>
            <Data>{stated?.entity.properties?.['name']?.[0] ?? id}</Data> <small>{id}</small>
          </h1>
          <p class="facts">
            {standing.case && <Chip tone={standing.case}>{texts.states[standing.case] ?? word(standing.case)}</Chip>}
            {standing.flags.map((flag) => (
              <Chip tone="late">{typeof flag === 'string' ? word(flag) : flag.compartment}</Chip>
            ))}
            {hold && <Chip tone="late">{texts.subject.hold(hold.reason)}</Chip>}
            {standing.canonical !== standing.subject && (
              <a href={to(`/subject/${encodeURIComponent(standing.canonical)}`)}>{texts.subject.oneWith(standing.canonical)}</a>
            )}
            <span>{why.standing}</span>
          </p>
          <Statements stated={stated} />
          <Alerts of={standing} captions={new Map(why.alerts.map((one) => [one.alert.alert, one.entry_caption]))} />
          {why.network && <Evidence subject={id} network={why.network} />}
          <Panel title={texts.subject.events}>
            <Table
              columns={texts.subject.eventColumns}
              rows={events.map((event) => [when(event.at), word(event.event), event.source ?? '', result(event.detail)])}
            />
          </Panel>
          <Redress subject={id} standing={standing} links={why.network?.links ?? []} />
          <Panel title={texts.subject.screened}>
            <Table
              columns={texts.subject.screenedColumns}
              numbers={[1, 3]}
              rows={why.screened.map((fact) => [
                when(fact.known_at),
                fact.commit,
                fact.unscreenable ?? fact.lists.map((list) => list.dataset).join(', '),
                fact.alerts.toLocaleString('en'),
              ])}
            />
          </Panel>
        </>
      )}
    </Shown>
  );
}

/** What an event came to, if its source says so. */
function result(detail: unknown): string {
  const said = typeof detail === 'object' && detail !== null && 'result' in detail ? detail.result : detail;
  return typeof said === 'string' ? word(said) : '';
}

/** Statement by statement: the value, who states it, how well graded, since when it is known and since when it is true. */
function Statements({ stated }: { stated: Dossier['stated'] }) {
  return (
    <Panel title={texts.subject.stated}>
      <Table
        columns={texts.subject.statedColumns}
        rows={
          stated
            ? Object.entries(stated.entity.properties ?? {}).flatMap(([property, values]) =>
                values.map((value, index) => [
                  index === 0 ? word(property) : '',
                  <Data>{value}</Data>,
                  <>
                    {stated.source ?? stated.dataset} {stated.grade && <small>{stated.grade}</small>}
                  </>,
                  stated.valid_from ?? <em class="missing">{texts.alert.missing}</em>,
                  when(stated.since),
                ]),
              )
            : []
        }
      />
    </Panel>
  );
}

function Alerts({ of: standing, captions }: { of: SubjectCase; captions: Map<string, string | null | undefined> }) {
  return (
    <Panel title={texts.subject.alerts}>
      <Table
        columns={texts.subject.alertColumns}
        rows={standing.reviews.map((review) => [
          <a href={to(`/alert/${review.alert}`)}>{review.alert.slice(0, 8)}</a>,
          <Chip tone={review.kind}>{texts.queue.kinds[review.kind] ?? review.kind}</Chip>,
          <>
            <Data>{captions.get(review.alert) ?? review.entry}</Data> <small>{review.entry}</small>
          </>,
          texts.states[review.review] ?? word(review.review),
          review.verdict ? <Chip tone={review.verdict}>{texts.verdicts[review.verdict]}</Chip> : '',
        ])}
      />
    </Panel>
  );
}
