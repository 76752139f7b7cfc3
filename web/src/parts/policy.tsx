// The policy: its text, what another one would do to the alerts, and its adoption - by one where the store has no accounts, else proposed
// by one person and agreed to by another.
import { useState } from 'preact/hooks';
import { ask, send, useAnswer } from '../client';
import { percent, when } from '../format';
import { known } from '../route';
import { may, session } from '../session';
import { texts, word } from '../texts';
import type { Effect, Matters, Policy, PolicyReason } from '../types';
import { Chip, Confirm, Data, Panel, Shown, Subject, Table, useActs } from './basics';

const SHOWN_MOST = 100;
/** Capacity is none: what cannot be coped with is no reason to look away. */
const REASONS: PolicyReason[] = ['evidence', 'law', 'error', 'scope'];
const TONES = { opened: 'same', changed: 'unknown', withdrawn: 'different' } as const;

export function PolicyPanel() {
  const policy = useAnswer<Policy>('/v1/policy', { known_at: known.value });
  const matters = useAnswer<Matters>(may('read') ? '/v1/matters' : null, { known_at: known.value });
  const [text, write] = useState<string | null>(null);
  const [effect, show] = useState<Effect | null>(null);
  const [sure, confirm] = useState<'adopt' | 'agree' | 'reject' | null>(null);
  const [reason, because] = useState<PolicyReason>('evidence');
  const { busy, act, said } = useActs();
  const now = known.value === null;
  const twoPersons = session.value?.account != null;
  const proposed = matters.value?.matters.find((one) => one.outcome === 'open' && one.what.matter === 'policy');
  const tryIt = (text: string) => act(() => ask<Effect>('/v1/policy/try', { text }), texts.policy.tried).then(show);
  const adopt = (note: string) =>
    twoPersons
      ? act(() => send('/v1/matters/policy', { text, reason, note }), texts.policy.proposed)
      : act(() => send<Effect>('/v1/policy/adopt', { text }), (done) => texts.policy.adopted(done.commit.seq));
  const proposedText = proposed?.what.matter === 'policy' ? proposed.what.text : null;
  return (
    <Panel title={texts.policy.title}>
      <Shown of={policy}>
        {(policy) => (
          <>
            <p class="quiet">
              {texts.policy.what} <small>{policy.digest.slice(0, 12)}</small>
            </p>
            {proposed && (
              <div class="proposal">
                <p>
                  {texts.policy.proposes(proposed.by, when(proposed.known_at))} {proposed.note && <q><Data>{proposed.note}</Data></q>}
                </p>
                <div class="others">
                  {may('propose_policy') && proposedText && (
                    <button disabled={busy} onClick={() => void tryIt(proposedText)}>
                      {texts.policy.tryProposed}
                    </button>
                  )}
                  {now && may('agree_policy') && (
                    <>
                      <button disabled={busy} onClick={() => confirm('agree')}>
                        {texts.policy.agree}
                      </button>
                      <button disabled={busy} onClick={() => confirm('reject')}>
                        {texts.policy.reject}
                      </button>
                    </>
                  )}
                </div>
                {proposedText && (
                  <details>
                    <summary>{texts.policy.proposedText}</summary>
                    <pre tabIndex={0}>{proposedText}</pre>
                  </details>
                )}
              </div>
            )}
            {now && may('propose_policy') ? (
              <>
                <label class="wide">
                  {texts.policy.text}
                  <textarea
                    class="code"
                    rows={18}
                    spellcheck={false}
                    value={text ?? policy.text}
                    onInput={(event) => {
                      write(event.currentTarget.value);
                      show(null);
                    }}
                  />
                </label>
                <div class="others">
                  <button disabled={busy} onClick={() => void tryIt(text ?? policy.text)}>
                    {texts.policy.try}
                  </button>
                  <button class="primary" disabled={busy || !effect || text === null || text === policy.text} onClick={() => confirm('adopt')}>
                    {twoPersons ? texts.policy.propose : texts.policy.adopt}
                  </button>
                  {text !== null && (
                    <button onClick={() => (write(null), show(null))}>{texts.policy.reset}</button>
                  )}
                  {twoPersons && (
                    <label class="inline">
                      {texts.policy.reason}
                      <select value={reason} onChange={(event) => because(event.currentTarget.value as PolicyReason)}>
                        {REASONS.map((one) => (
                          <option value={one}>{texts.policy.reasons[one]}</option>
                        ))}
                      </select>
                    </label>
                  )}
                </div>
              </>
            ) : (
              <pre class="code" tabIndex={0}>
                {policy.text}
              </pre>
            )}
            {said}
            {effect && <Effects effect={effect} />}
          </>
        )}
      </Shown>
      {sure === 'adopt' && (
        <Confirm
          title={twoPersons ? texts.policy.propose : texts.policy.adopt}
          what={texts.policy.adoptWhat(effect?.commit.opened ?? 0, effect?.commit.changed ?? 0, effect?.commit.withdrawn ?? 0)}
          reason={twoPersons ? 'needed' : 'none'}
          close={() => confirm(null)}
          sure={(note) => void adopt(note)}
        />
      )}
      {(sure === 'agree' || sure === 'reject') && proposed && (
        <Confirm
          title={sure === 'agree' ? texts.policy.agree : texts.policy.reject}
          what={sure === 'agree' ? texts.policy.agreeWhat : texts.policy.rejectWhat}
          reason={sure === 'reject' ? 'needed' : 'none'}
          close={() => confirm(null)}
          sure={(note) =>
            void (sure === 'agree'
              ? act(() => send<{ done: string }>(`/v1/matters/${proposed.id}/agree`, {}), (done) => done.done)
              : act(() => send(`/v1/matters/${proposed.id}/reject`, { note }), texts.policy.rejected))
          }
        />
      )}
    </Panel>
  );
}

/** Which alerts would come, change and go. */
function Effects({ effect }: { effect: Effect }) {
  return (
    <>
      <p class="facts">
        <Chip tone="same">{texts.impact.opened(effect.commit.opened)}</Chip>
        <Chip tone="unknown">{texts.impact.altered(effect.commit.changed)}</Chip>
        <Chip tone="different">{texts.impact.withdrawn(effect.commit.withdrawn)}</Chip>
        {effect.unknown_datasets.length > 0 && <Chip tone="late">{texts.policy.unknown(effect.unknown_datasets.join(', '))}</Chip>}
        <small>{texts.some(Math.min(SHOWN_MOST, effect.changes.length), effect.changes.length)}</small>
      </p>
      <Table
        columns={texts.policy.columns}
        numbers={[3]}
        rows={effect.changes.slice(0, SHOWN_MOST).map((one) => [
          <Chip tone={TONES[one.change]}>{word(one.change)}</Chip>,
          <Subject id={one.subject} />,
          one.entry,
          percent(one.score),
        ])}
      />
    </>
  );
}
