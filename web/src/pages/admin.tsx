// Who may do what here, with which keys, and by which policy it is screened: each section for whoever may change it.
import { useState } from 'preact/hooks';
import { send, useAnswer } from '../client';
import { when } from '../format';
import { Chip, Confirm, Dialog, Panel, Shown, Table, useActs } from '../parts/basics';
import { PolicyPanel } from '../parts/policy';
import { known } from '../route';
import { may, session } from '../session';
import { texts } from '../texts';
import type { Account, Credentials, Keys, MadeKey, ReviewRole } from '../types';

const ROLES: ReviewRole[] = ['reader', 'analyst_l1', 'analyst_l2', 'approver', 'list_manager', 'auditor', 'administrator'];

export function Admin() {
  return (
    <>
      <h1>{texts.pages.admin}</h1>
      <Accounts />
      <KeysPanel />
      <PolicyPanel />
    </>
  );
}

function Accounts() {
  const accounts = useAnswer<{ accounts: Account[] }>('/v1/accounts', { known_at: known.value });
  const credentials = useAnswer<Credentials>(may('account') ? '/v1/credentials' : null);
  const [editing, edit] = useState<Account | 'new' | null>(null);
  const [closing, close] = useState<string | null>(null);
  const [resetting, reset] = useState<string | null>(null);
  const { act, said } = useActs();
  const changing = may('account') && known.value === null;
  const shown = (name: string) => credentials.value?.accounts.find((one) => one.account === name);
  return (
    <Panel title={texts.accounts.title} aside={changing && <button onClick={() => edit('new')}>{texts.accounts.open}</button>}>
      {said}
      <Shown of={accounts}>
        {({ accounts }) => (
          <Table
            columns={changing ? texts.accounts.columns : texts.accounts.columns.slice(0, 4)}
            rows={accounts.map((one) => [
              <strong>{one.account}</strong>,
              one.person,
              one.roles.map((role) => texts.roles[role]).join(', '),
              one.compartments.join(', '),
              ...(changing
                ? [
                    texts.accounts.shows(shown(one.account)?.password ?? false, shown(one.account)?.keys ?? 0, shown(one.account)?.sessions ?? 0),
                    <span class="others">
                      <button onClick={() => edit(one)}>{texts.accounts.edit}</button>
                      <button onClick={() => reset(one.account)}>{texts.accounts.password}</button>
                      <button onClick={() => close(one.account)}>{texts.accounts.close}</button>
                    </span>,
                  ]
                : []),
            ])}
          />
        )}
      </Shown>
      {editing && (
        <AccountForm
          account={editing === 'new' ? null : editing}
          close={() => edit(null)}
          save={(name, draft) => void act(() => send(`/v1/accounts/${encodeURIComponent(name)}`, draft, 'PUT'), texts.accounts.saved(name))}
        />
      )}
      {closing && (
        <Confirm
          title={texts.accounts.close}
          what={texts.accounts.closeWhat(closing)}
          reason="none"
          close={() => close(null)}
          sure={() => void act(() => send(`/v1/accounts/${encodeURIComponent(closing)}`, {}, 'DELETE'), texts.accounts.closed(closing))}
        />
      )}
      {resetting && (
        <PasswordForm
          account={resetting}
          close={() => reset(null)}
          save={(password) =>
            void act(() => send(`/v1/accounts/${encodeURIComponent(resetting)}/password`, { password }, 'PUT'), texts.accounts.passwordSet(resetting))
          }
        />
      )}
    </Panel>
  );
}

interface AccountDraft {
  person: string;
  roles: string[];
  compartments: string[];
}

function AccountForm(props: { account: Account | null; close: () => void; save: (name: string, draft: AccountDraft) => void }) {
  const { account } = props;
  return (
    <Dialog title={account ? texts.accounts.edit : texts.accounts.open} close={props.close}>
      <form
        class="decide"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          const text = (name: string) => String(form.get(name) ?? '').trim();
          props.save(account?.account ?? text('account'), {
            person: text('person'),
            roles: form.getAll('role').map(String),
            compartments: text('compartments').split(/[\s,]+/).filter(Boolean),
          });
          props.close();
        }}
      >
        <label>
          {texts.accounts.name}
          <input name="account" value={account?.account ?? ''} required disabled={account !== null} autocomplete="off" />
        </label>
        <label>
          {texts.accounts.person}
          <input name="person" value={account?.person ?? ''} required readOnly={account !== null} autocomplete="off" />
        </label>
        <fieldset>
          <legend>{texts.accounts.roles}</legend>
          {ROLES.map((role) => (
            <label>
              <input type="checkbox" name="role" value={role} checked={account?.roles.includes(role) ?? false} /> {texts.roles[role]}
            </label>
          ))}
        </fieldset>
        <label>
          {texts.accounts.compartments}
          <input name="compartments" value={account?.compartments.join(' ') ?? ''} />
        </label>
        <div class="others">
          <button class="primary">{texts.accounts.save}</button>
          <button type="button" onClick={props.close}>
            {texts.confirm.no}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function PasswordForm(props: { account: string; close: () => void; save: (password: string) => void }) {
  return (
    <Dialog title={texts.accounts.passwordOf(props.account)} close={props.close}>
      <form
        class="decide"
        onSubmit={(event) => {
          event.preventDefault();
          props.save(String(new FormData(event.currentTarget).get('password')));
          props.close();
        }}
      >
        <label>
          {texts.accounts.newPassword}
          <input name="password" type="password" minLength={12} required autocomplete="new-password" />
        </label>
        <p class="quiet">{texts.accounts.passwordWhat}</p>
        <div class="others">
          <button class="primary">{texts.accounts.save}</button>
          <button type="button" onClick={props.close}>
            {texts.confirm.no}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function KeysPanel() {
  const account = session.value?.account;
  const keys = useAnswer<Keys>(account ? '/v1/keys' : null);
  const [making, make] = useState(false);
  const [made, show] = useState<MadeKey | null>(null);
  const [revoking, revoke] = useState<string | null>(null);
  const { act, said } = useActs();
  if (!account) return null;
  const now = new Date().toISOString();
  return (
    <Panel title={texts.keysOf.title} aside={<button onClick={() => make(true)}>{texts.keysOf.make}</button>}>
      <p class="quiet">{texts.keysOf.what}</p>
      {said}
      <Shown of={keys}>
        {({ keys }) => (
          <Table
            columns={texts.keysOf.columns}
            rows={keys.map((key) => [
              key.label,
              key.account,
              <small>{key.id}</small>,
              key.scope.join(', ') || texts.keysOf.everything,
              when(key.made_at),
              when(key.expires_at),
              key.revoked_at ? (
                <Chip>{texts.keysOf.revoked(when(key.revoked_at))}</Chip>
              ) : key.expires_at < now ? (
                <Chip>{texts.keysOf.expired}</Chip>
              ) : (
                <button onClick={() => revoke(key.id)}>{texts.keysOf.revoke}</button>
              ),
            ])}
          />
        )}
      </Shown>
      {making && (
        <Dialog title={texts.keysOf.make} close={() => make(false)}>
          <form
            class="decide"
            onSubmit={(event) => {
              event.preventDefault();
              const form = new FormData(event.currentTarget);
              const scope = String(form.get('scope')).split(/[\s,]+/).filter(Boolean);
              const draft = { label: String(form.get('label')).trim(), days: Number(form.get('days')), scope };
              make(false);
              void act(() => send<MadeKey>('/v1/keys', draft), texts.keysOf.done).then(show);
            }}
          >
            <label>
              {texts.keysOf.label}
              <input name="label" required />
            </label>
            <label>
              {texts.keysOf.scope}
              <input name="scope" />
            </label>
            <label>
              {texts.keysOf.days}
              <input name="days" type="number" min={1} max={366} value={90} required />
            </label>
            <div class="others">
              <button class="primary">{texts.keysOf.make}</button>
              <button type="button" onClick={() => make(false)}>
                {texts.confirm.no}
              </button>
            </div>
          </form>
        </Dialog>
      )}
      {made && (
        <Dialog title={texts.keysOf.secret} close={() => show(null)}>
          <p>{texts.keysOf.once}</p>
          <pre tabIndex={0}>{made.secret}</pre>
          <div class="others">
            <button onClick={() => void navigator.clipboard?.writeText(made.secret)}>{texts.keysOf.copy}</button>
            <button class="primary" onClick={() => show(null)}>
              {texts.keysOf.kept}
            </button>
          </div>
        </Dialog>
      )}
      {revoking && (
        <Confirm
          title={texts.keysOf.revoke}
          what={texts.keysOf.revokeWhat}
          reason="none"
          close={() => revoke(null)}
          sure={() => void act(() => send(`/v1/keys/${revoking}`, {}, 'DELETE'), texts.keysOf.gone)}
        />
      )}
    </Panel>
  );
}
