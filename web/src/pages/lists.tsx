// Lists and their versions, what is held, and what a file would do before it is brought in.
import { useState } from 'preact/hooks';
import { ask, changes, send, sendFile, useAnswer } from '../client';
import { span, when } from '../format';
import { Chip, Confirm, Panel, Shown, Table, useActs } from '../parts/basics';
import { Impact } from '../parts/impact';
import { having, known, query, to } from '../route';
import { may } from '../session';
import { texts, word } from '../texts';
import type { Health, Held, HeldVersions, Ingested, Matters, Preview, Status } from '../types';

export function Lists() {
  const held = Number(query.value.get('held') ?? NaN);
  if (Number.isInteger(held)) return <HeldPage id={held} />;
  return (
    <>
      <h1>{texts.pages.lists}</h1>
      <Datasets />
      {may('read') && <HeldPanel />}
      {may('ingest') && known.value === null && <BringIn />}
    </>
  );
}

function Datasets() {
  const status = useAnswer<Status>('/v1/status');
  const health = useAnswer<Health>('/v1/health');
  return (
    <Panel title={texts.lists.datasets}>
      <Shown of={status}>
        {(status) => (
          <Table
            columns={texts.lists.columns}
            numbers={[2, 5]}
            rows={status.datasets.map((dataset) => {
              const version = status.coverage.list_versions[dataset.name];
              const fresh = health.value?.lists.find((one) => one.dataset === dataset.name);
              return [
                <>
                  {dataset.name} <small>{dataset.title}</small>
                </>,
                texts.lists.roles[dataset.role],
                dataset.entities.toLocaleString('en'),
                version ? texts.lists.version(version.commit, version.content.slice(0, 10)) : '',
                version ? <a href={to('/compare', { with: version.known_at.slice(0, 10) })}>{when(version.known_at)}</a> : '',
                fresh ? texts.days(Math.floor(fresh.age_seconds / 86_400)) : '',
              ];
            })}
          />
        )}
      </Shown>
    </Panel>
  );
}

function HeldPanel() {
  const held = useAnswer<HeldVersions>('/v1/held');
  return (
    <Panel title={texts.held.title}>
      <p class="quiet">{texts.held.what}</p>
      <Shown of={held}>
        {({ held }) => (
          <Table
            columns={texts.held.columns}
            rows={held.map((one) => [
              <a href={to('/lists', { held: String(one.id) })}>{texts.held.number(one.id)}</a>,
              one.dataset,
              one.file,
              one.reason,
              when(one.held_at),
              span(one.held_at),
            ])}
          />
        )}
      </Shown>
    </Panel>
  );
}

/** One held version: what it would change and whom that concerns, then what is done with it. */
function HeldPage({ id }: { id: number }) {
  const held = useAnswer<HeldVersions>('/v1/held');
  return (
    <>
      <p class="crumbs">
        <a href={to('/lists')}>{texts.pages.lists}</a>
      </p>
      <h1>{texts.held.number(id)}</h1>
      <Shown of={held}>
        {({ held }) => {
          const one = held.find((one) => one.id === id);
          return one ? <HeldVersion held={one} /> : <p class="quiet">{texts.held.gone}</p>;
        }}
      </Shown>
    </>
  );
}

function HeldVersion({ held }: { held: Held }) {
  const { busy, act, said } = useActs();
  const [preview, look] = useState<Preview | null>(null);
  const [sure, confirm] = useState<'release' | 'propose' | 'discard' | null>(null);
  const [undoing, undo] = useState(false);
  const matters = useAnswer<Matters>(may('read') ? '/v1/matters' : null);
  const twoPersons = useTwoPersons();
  const proposed = matters.value?.matters.find((one) => one.outcome === 'open' && one.what.matter === 'held_release' && one.what.held === held.id);
  const compare = () => act(() => ask<Preview>(`/v1/held/${held.id}/preview`, {}), '').then(look);
  const release = (note: string) =>
    twoPersons
      ? act(() => send('/v1/matters/release', { held: held.id, note }), texts.held.proposed)
      : act(() => send<Ingested>(`/v1/held/${held.id}/release`, { confirm_undo_later: undoing }), (done) => texts.held.released(done.records));
  const agree = () => act(() => send<{ done: string }>(`/v1/matters/${proposed?.id}/agree`, { confirm_undo_later: undoing }), (done) => done.done);
  return (
    <>
      <p class="lead">{held.reason}</p>
      <p class="facts">
        <Chip tone="late">{texts.held.chip}</Chip>
        <span>{held.dataset}</span>
        <span>{held.file}</span>
        <span>{texts.held.since(when(held.held_at))}</span>
        <small>{held.digest.slice(0, 12)}</small>
      </p>
      <Panel
        title={texts.held.impact}
        aside={
          may('ingest') && (
            <button disabled={busy} onClick={() => void compare()}>
              {preview ? texts.again : texts.held.compare}
            </button>
          )
        }
      >
        {preview ? <Impact preview={preview} /> : <p class="quiet">{busy ? texts.loading : texts.held.lookFirst}</p>}
      </Panel>
      <Panel title={texts.held.decide}>
        {proposed && (
          <div class="proposal">
            <p>
              {texts.held.proposes(proposed.by, when(proposed.known_at))} {proposed.note && <q>{proposed.note}</q>}
            </p>
            {may('agree_held_release') && (
              <button disabled={busy} onClick={() => void agree()}>
                {texts.held.agree}
              </button>
            )}
          </div>
        )}
        <div class="others">
          {!proposed && may(twoPersons ? 'propose_held_release' : 'ingest') && (
            <button class="primary" disabled={busy || (may('ingest') && !preview)} onClick={() => confirm(twoPersons ? 'propose' : 'release')}>
              {twoPersons ? texts.held.propose : texts.held.release}
            </button>
          )}
          {may('ingest') && (
            <button disabled={busy} onClick={() => confirm('discard')}>
              {texts.held.discard}
            </button>
          )}
        </div>
        {(may('ingest') || may('agree_held_release')) && (
          <label>
            <input type="checkbox" checked={undoing} onChange={(event) => undo(event.currentTarget.checked)} /> {texts.held.undoLater}
          </label>
        )}
        {may('ingest') && !preview && <p class="quiet">{texts.held.lookFirst}</p>}
        {said}
      </Panel>
      {sure === 'discard' && (
        <Confirm
          title={texts.held.discard}
          what={texts.held.discardWhat(held.dataset)}
          reason="none"
          close={() => confirm(null)}
          sure={() => void act(() => send(`/v1/held/${held.id}/discard`, {}), texts.held.discarded)}
        />
      )}
      {(sure === 'release' || sure === 'propose') && (
        <Confirm
          title={sure === 'propose' ? texts.held.propose : texts.held.release}
          what={texts.held.releaseWhat(preview?.records.removed ?? 0, preview?.went.length ?? 0, preview?.came.length ?? 0)}
          reason={sure === 'propose' ? 'needed' : 'none'}
          close={() => confirm(null)}
          sure={(reason) => void release(reason)}
        />
      )}
    </>
  );
}

/** Whether the store has accounts, and what takes two persons takes them. */
function useTwoPersons(): boolean {
  const accounts = useAnswer<{ accounts: unknown[] }>('/v1/accounts');
  return (accounts.value?.accounts.length ?? 0) > 0;
}

const FORMATS = ['', 'journal', 'ftm', 'ofac', 'ofac-events', 'csv'] as const;
const ROLES = ['', 'list', 'population', 'intelligence'] as const;
const MODES = ['', 'full', 'delta'] as const;

/** A file is looked at first - whom it would concern - and brought in after that, byte for byte the same. */
function BringIn() {
  const { busy, act, said } = useActs();
  const [file, take] = useState<File | null>(null);
  const [format, read] = useState('');
  const [preview, look] = useState<{ preview: Preview; parameters: Record<string, string> } | null>(null);
  const parametersOf = (form: HTMLFormElement): Record<string, string> => {
    const entries = [...new FormData(form)].filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '');
    const name = (file?.name ?? '').replaceAll(/[^A-Za-z0-9_.-]/g, '_').replace(/^\.+/, '').slice(0, 100);
    return { ...Object.fromEntries(entries), ...(name ? { file: name } : {}) };
  };
  const tryIt = async (form: HTMLFormElement) => {
    if (!file) return;
    const parameters = parametersOf(form);
    look(null);
    const preview = await act(() => sendFile<Preview>('/v1/preview', parameters, file), texts.bring.looked);
    if (preview) look({ preview, parameters });
  };
  const bring = async () => {
    if (!file || !preview) return;
    const done = await act(() => sendFile<Ingested>('/v1/ingest', preview.parameters, file), (done) => texts.bring.done(done.records, done.rejects));
    if (!done) return;
    look(null);
    changes.value += 1;
  };
  const choice = (name: string, label: string, words: readonly string[]) => (
    <label>
      {label}
      <select name={name} onChange={(event) => (name === 'format' ? read(event.currentTarget.value) : undefined)}>
        {words.map((one) => (
          <option value={one}>{one ? word(one) : texts.bring.found}</option>
        ))}
      </select>
    </label>
  );
  return (
    <Panel title={texts.bring.title}>
      <p class="quiet">{texts.bring.what}</p>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          void tryIt(event.currentTarget);
        }}
        onInput={() => look(null)}
      >
        <label>
          {texts.bring.file}
          <input type="file" required onChange={(event) => take(event.currentTarget.files?.[0] ?? null)} />
        </label>
        {choice('format', texts.bring.format, FORMATS)}
        {format !== 'journal' && (
          <>
            <label>
              {texts.bring.dataset}
              <input name="dataset" />
            </label>
            {choice('role', texts.bring.role, ROLES)}
            {choice('mode', texts.bring.mode, MODES)}
          </>
        )}
        {format === 'csv' && (
          <label class="wide">
            {texts.bring.mapping}
            <textarea name="mapping" rows={6} spellcheck={false} />
          </label>
        )}
        <button disabled={busy || !file}>{texts.bring.preview}</button>
      </form>
      {said}
      {preview && (
        <>
          <Impact preview={preview.preview} />
          <p>
            <button class="primary" disabled={busy} onClick={() => void bring()}>
              {texts.bring.commit}
            </button>{' '}
            <a href={having({})} onClick={() => look(null)}>
              {texts.confirm.no}
            </a>
          </p>
        </>
      )}
    </Panel>
  );
}
