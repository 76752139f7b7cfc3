// One verdict for everything that the filter selects: looked at first, then proposed row by row; a second person confirms it.
import { useEffect, useState } from 'preact/hooks';
import { type Failure, ask, send } from '../client';
import { percent } from '../format';
import { REASONS } from '../reasons';
import { texts } from '../texts';
import type { BulkDone, BulkPreview, Selection, Verdict } from '../types';
import { Dialog, Subject, Table } from './basics';

export function Bulk({ selection, close }: { selection: Selection; close: () => void }) {
  const [preview, look] = useState<BulkPreview | null>(null);
  const [verdict, choose] = useState<Verdict>('different');
  const [done, finish] = useState<BulkDone | null>(null);
  const [wrong, say] = useState('');
  useEffect(() => {
    ask<BulkPreview>('/v1/bulk/preview', selection).then(look, (failure: Failure) => say(failure.message));
  }, []);
  const propose = async (form: FormData) => {
    if (!preview) return;
    const draft = { selection: preview.selection, verdict, reason: form.get('reason'), note: form.get('note') };
    await send<BulkDone>('/v1/bulk', draft).then(finish, (failure: Failure) => say(failure.message));
  };
  const undo = async () => {
    if (!done) return;
    await send<BulkDone>(`/v1/bulk/${done.bulk}/undo`, {}).then(finish, (failure: Failure) => say(failure.message));
  };
  return (
    <Dialog title={texts.bulk.title} close={close}>
      {wrong && (
        <p class="problem" role="alert">
          {wrong}
        </p>
      )}
      {done ? (
        <div role="status">
          <p>{texts.bulk.done(done.done)}</p>
          <ul>
            {Object.entries(done.refused).map(([why, number]) => (
              <li>
                {number.toLocaleString('en')}: {why}
              </li>
            ))}
          </ul>
          <button onClick={() => void undo()}>{texts.alert.undo}</button> <button onClick={close}>{texts.bulk.close}</button>
        </div>
      ) : preview ? (
        <form
          class="decide"
          onSubmit={(event) => {
            event.preventDefault();
            void propose(new FormData(event.currentTarget));
          }}
        >
          <p>
            <strong>{texts.bulk.selected(preview.total)}</strong>{' '}
            {Object.entries(preview.breakdown).map(([what, number]) => `${what}: ${number.toLocaleString('en')}`).join(', ')}
          </p>
          <details open>
            <summary>{texts.bulk.sample(preview.sample.length)}</summary>
            <Table
              columns={texts.bulk.columns}
              numbers={[2]}
              rows={preview.sample.map((row) => [<Subject id={row.subject} />, row.entry, percent(row.score)])}
            />
          </details>
          <label>
            {texts.alert.verdict}
            <select value={verdict} onChange={(event) => choose(event.currentTarget.value as Verdict)}>
              {(['different', 'same', 'inconclusive'] as const).map((one) => (
                <option value={one}>{texts.verdicts[one]}</option>
              ))}
            </select>
          </label>
          <label>
            {texts.alert.reason}
            <select name="reason">
              {REASONS[verdict].map((one) => (
                <option value={one}>{texts.reasons[one]}</option>
              ))}
            </select>
          </label>
          <label>
            {texts.alert.note}
            <textarea name="note" rows={3} required />
          </label>
          <p class="quiet">{texts.alert.second}</p>
          <div class="others">
            <button class="primary">{texts.bulk.propose(preview.total)}</button>
            <button type="button" onClick={close}>
              {texts.bulk.close}
            </button>
          </div>
        </form>
      ) : (
        <p class="quiet">{texts.loading}</p>
      )}
    </Dialog>
  );
}
