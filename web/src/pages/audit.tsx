// Who looked at what, when and for what; and what was looked at beyond what is somebody's to see, until somebody reviews it.
import { useState } from 'preact/hooks';
import { send, useAnswer } from '../client';
import { when } from '../format';
import { Chip, Confirm, Data, Shown, useActs } from '../parts/basics';
import { go, having, known, query, to } from '../route';
import { texts, word } from '../texts';
import type { Audited, AuditPage, AuditVerified } from '../types';

const ACTIONS = ['look_up', 'search', 'list', 'explain', 'figures', 'export', 'audit', 'reviewed', 'purged', 'access'] as const;
const PAGE = 100;
const TARGETS_SHOWN = 3;

export function Audit() {
  const filter = Object.fromEntries(['account', 'target', 'action'].map((name) => [name, query.value.get(name)]));
  const broken = query.value.get('broken') !== null;
  const answer = useAnswer<AuditPage>('/v1/audit', {
    ...filter,
    break_glass_only: broken,
    before: query.value.get('before'),
    limit: PAGE,
  });
  const verified = useAnswer<AuditVerified>('/v1/audit/verification');
  return (
    <>
      <h1>{texts.pages.audit}</h1>
      <p class="facts">
        {verified.value && <Chip tone="same">{texts.audit.verified(verified.value.entries, verified.value.anchors)}</Chip>}
        {verified.problem && <Chip tone="different">{verified.problem.message}</Chip>}
        {known.value && <span class="quiet">{texts.audit.now}</span>}
      </p>
      <form
        class="fields"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          go(having({ ...Object.fromEntries(['account', 'target', 'action'].map((name) => [name, String(form.get(name))])), before: null }));
        }}
      >
        <label>
          {texts.audit.account}
          <input name="account" value={filter['account'] ?? ''} />
        </label>
        <label>
          {texts.audit.target}
          <input name="target" value={filter['target'] ?? ''} />
        </label>
        <label>
          {texts.audit.action}
          <select name="action" value={filter['action'] ?? ''}>
            <option value="">{texts.audit.any}</option>
            {ACTIONS.map((one) => (
              <option value={one}>{word(one)}</option>
            ))}
          </select>
        </label>
        <button>{texts.audit.filter}</button>
        <a href={having({ broken: broken ? null : '1', before: null })} aria-current={broken ? 'true' : undefined}>
          {texts.audit.broken}
        </a>
      </form>
      <Shown of={answer}>
        {(page) => (
          <>
            <Entries entries={page.entries} />
            <p class="others">
              {query.value.get('before') && <a href={having({ before: null })}>{texts.audit.newest}</a>}
              {page.next != null && <a href={having({ before: String(page.next) })}>{texts.audit.older}</a>}
            </p>
          </>
        )}
      </Shown>
    </>
  );
}

function Entries({ entries }: { entries: Audited[] }) {
  const [reviewing, review] = useState<Audited | null>(null);
  const { act, said } = useActs();
  if (entries.length === 0) return <p class="quiet">{texts.nothing}</p>;
  return (
    <>
      {said}
      <div class="scroll" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {texts.audit.columns.map((column, index) => (
                <th scope="col" class={index === 0 ? 'number' : undefined}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {entries.map((row) => (
              <tr class={row.break_glass ? 'broken' : ''}>
                <td class="number">{row.seq}</td>
                <td>
                  <time>{when(row.at)}</time>
                </td>
                <td>
                  <a href={having({ account: row.account, before: null })}>{row.account}</a> <small>{word(row.proof)}</small>
                </td>
                <td>{word(row.action)}</td>
                <td>
                  <Targets row={row} /> {row.detail && <small>{row.detail}</small>}
                </td>
                <td>
                  {row.purpose !== row.detail && <Data>{row.purpose}</Data>}
                </td>
                <td>
                  {row.break_glass && (
                    <>
                      <Chip tone="late">{texts.audit.glass}</Chip> <Data>{row.break_glass}</Data>{' '}
                      <button onClick={() => review(row)}>{texts.audit.review}</button>
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {reviewing && (
        <Confirm
          title={texts.audit.review}
          what={texts.audit.reviewWhat(reviewing.account, when(reviewing.at), reviewing.break_glass ?? '')}
          reason="needed"
          close={() => review(null)}
          sure={(note) => void act(() => send(`/v1/audit/${reviewing.seq}/review`, { note }), texts.audit.reviewed)}
        />
      )}
    </>
  );
}

function Targets({ row }: { row: Audited }) {
  if (row.purged) return <em class="missing">{texts.audit.purged}</em>;
  const more = row.targets.length - TARGETS_SHOWN;
  return (
    <>
      {row.targets.slice(0, TARGETS_SHOWN).map((target, index) => (
        <>
          {index > 0 && ', '}
          <a href={to('/audit', { target })}>{target}</a>
        </>
      ))}
      {more > 0 && ` ${texts.andMore(more)}`}
    </>
  );
}
