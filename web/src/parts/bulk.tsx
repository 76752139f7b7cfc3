// One verdict for everything that the filter selects: looked at first, then proposed row by row; a second person confirms it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Problem, send } from '../client';
import { REASONS } from '../reasons';
import { texts } from '../texts';
import type { QueueRow, Verdict } from '../types';

interface Preview {
  total: number;
  selection: unknown[];
  sample: QueueRow[];
  breakdown: Record<string, number>;
}

interface Done {
  bulk: string;
  done: number;
  refused: Record<string, number>;
}

export interface Selection {
  states: string[];
  dataset?: string;
  kind?: string;
  assigned?: string;
  overdue?: boolean;
}

export function Bulk({ selection, close }: { selection: Selection; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [preview, look] = useState<Preview | null>(null);
  const [verdict, choose] = useState<Verdict>('different');
  const [done, finish] = useState<Done | null>(null);
  const [wrong, say] = useState('');
  useEffect(() => {
    dialog.current?.showModal();
    // A look changes nothing, but it is sent: the selection does not fit an address.
    send<Preview>('/v1/bulk/preview', selection).then(look, (problem: Problem) => say(problem.message));
  }, []);
  const propose = async (form: FormData) => {
    if (!preview) return;
    const draft = { selection: preview.selection, verdict, reason: form.get('reason'), note: form.get('note') };
    await send<Done>('/v1/bulk', draft).then(finish, (problem: Problem) => say(problem.message));
  };
  const undo = async () => {
    if (!done) return;
    await send<Done>(`/v1/bulk/${done.bulk}/undo`, {}).then(finish, (problem: Problem) => say(problem.message));
  };
  return (
    <dialog ref={dialog} onClose={close} aria-label={texts.bulk.title}>
      <h2>{texts.bulk.title}</h2>
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
            <ul>
              {preview.sample.map((row) => (
                <li>
                  {row.subject} – {row.entry} <small>{row.score.toFixed(3)}</small>
                </li>
              ))}
            </ul>
          </details>
          <label>
            {texts.alert.verdict}
            <select value={verdict} onChange={(event) => choose(event.currentTarget.value as Verdict)}>
              {(['different', 'same', 'inconclusive'] as const).map((one) => (
                <option>{one}</option>
              ))}
            </select>
          </label>
          <label>
            {texts.alert.reason}
            <select name="reason">
              {REASONS[verdict].map(([word, text]) => (
                <option value={word}>{text}</option>
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
      {wrong && (
        <p class="problem" role="alert">
          {wrong}
        </p>
      )}
    </dialog>
  );
}
