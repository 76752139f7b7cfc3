// What files would do before they are brought in: the records that come, change and go, and whom that concerns.
import { percent } from '../format';
import { texts, word } from '../texts';
import type { AlertView, Preview } from '../types';
import { Chip, Data, Nothing, Subject, Table } from './basics';

const SHOWN_MOST = 25;

export function Impact({ preview }: { preview: Preview }) {
  const { records } = preview;
  return (
    <div class="impact">
      <p class="facts">
        <span>{texts.impact.rows(preview.rows, preview.rejects)}</span>
        <Chip tone="same">{texts.impact.added(records.added)}</Chip>
        <Chip tone="unknown">{texts.impact.changed(records.changed)}</Chip>
        <Chip tone="different">{texts.impact.removed(records.removed)}</Chip>
      </p>
      <h3>{texts.impact.findings}</h3>
      <Table
        columns={texts.impact.findingColumns}
        numbers={[1, 2, 3]}
        rows={Object.entries(preview.findings).map(([kind, impact]) => [
          texts.queue.kinds[kind] ?? kind,
          impact.came.toLocaleString('en'),
          impact.changed.toLocaleString('en'),
          impact.went.toLocaleString('en'),
        ])}
      />
      {preview.sample.length > 0 && (
        <>
          <h3>{texts.impact.sample}</h3>
          <ul class="plainlist">
            {preview.sample.map((one) => (
              <li>
                <Subject id={one.subject} />
                {one.links.map((link) => (
                  <div class="quiet">
                    <Data>{link}</Data>
                  </div>
                ))}
              </li>
            ))}
          </ul>
        </>
      )}
      <Alerts title={texts.impact.came} alerts={preview.came} />
      <Alerts title={texts.impact.went} alerts={preview.went} />
      <Alerts title={texts.impact.other} alerts={preview.changed} />
      <h3>{texts.impact.records(records.shown.length)}</h3>
      {records.shown.length === 0 ? (
        <Nothing />
      ) : (
        <table>
          <thead>
            <tr>
              {texts.impact.recordColumns.map((column) => (
                <th scope="col">{column}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {records.shown.flatMap((record) =>
              (record.properties.length ? record.properties : [null]).map((property, index) => (
                <tr class={index > 0 ? 'more' : ''}>
                  <td>{index === 0 && <Chip tone={TONES[record.change] ?? 'plain'}>{word(record.change)}</Chip>}</td>
                  <td>
                    {index === 0 && (
                      <>
                        {record.caption && <Data>{record.caption}</Data>} <small>{record.id}</small>
                      </>
                    )}
                  </td>
                  <td>{property && word(property.property)}</td>
                  <td>{property && <Values of={property.before} />}</td>
                  <td>{property && <Values of={property.after} />}</td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      )}
    </div>
  );
}

const TONES: Record<string, string> = { added: 'same', changed: 'unknown', removed: 'different' };

const Values = ({ of }: { of: string[] }) =>
  of.length ? (
    <>
      {of.map((value) => (
        <div>
          <Data>{value}</Data>
        </div>
      ))}
    </>
  ) : (
    <em class="missing">{texts.alert.missing}</em>
  );

function Alerts({ title, alerts }: { title: string; alerts: AlertView[] }) {
  if (alerts.length === 0) return null;
  return (
    <>
      <h3>
        {title} <small>{texts.some(Math.min(SHOWN_MOST, alerts.length), alerts.length)}</small>
      </h3>
      <Table
        columns={texts.impact.alertColumns}
        numbers={[3]}
        rows={alerts.slice(0, SHOWN_MOST).map((alert) => [
          <Subject id={alert.subject} />,
          texts.queue.kinds[alert.cause.kind] ?? alert.cause.kind,
          `${alert.cause.entry} (${alert.cause.dataset})`,
          percent(alert.score),
        ])}
      />
    </>
  );
}
