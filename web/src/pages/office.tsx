// Lists and what is held, the audit, and administration.
import { useAnswer } from '../client';
import { when } from '../format';
import { Chip, Panel, Shown } from '../parts/basics';
import { known } from '../route';
import { texts } from '../texts';
import type { Status } from '../types';

interface Held {
  id: number;
  dataset: string;
  reason: string;
  held_at: string;
}

export function Lists() {
  const status = useAnswer<Status>('/v1/status');
  const held = useAnswer<{ held: Held[] }>('/v1/held');
  return (
    <>
      <h1>{texts.pages.lists}</h1>
      <Shown of={status}>
        {(status) => (
          <table>
            <thead>
              <tr>
                <th scope="col">Dataset</th>
                <th scope="col">Role</th>
                <th scope="col">Entities</th>
                <th scope="col">Version</th>
              </tr>
            </thead>
            <tbody>
              {status.datasets.map((dataset) => {
                const version = status.coverage.list_versions[dataset.name];
                return (
                  <tr>
                    <td>
                      {dataset.name} <small>{dataset.title}</small>
                    </td>
                    <td>{dataset.role}</td>
                    <td>{dataset.entities.toLocaleString('en')}</td>
                    <td>{version && `commit ${version.commit}, ${when(version.known_at)}`}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
      </Shown>
      <Panel title="Held versions">
        <Shown of={held}>
          {({ held }) =>
            held.length === 0 ? (
              <p class="quiet">{texts.nothing}</p>
            ) : (
              <ul>
                {held.map((one) => (
                  <li>
                    <Chip tone="late">held</Chip> {one.id}: {one.dataset} <small>{one.reason}</small>
                  </li>
                ))}
              </ul>
            )
          }
        </Shown>
      </Panel>
    </>
  );
}

interface AuditRow {
  seq: number;
  at: string;
  account: string;
  action: string;
  targets: string[];
  purpose: string;
}

export function Audit() {
  const rows = useAnswer<{ entries: AuditRow[] }>('/v1/audit', { since: known.value });
  return (
    <>
      <h1>{texts.pages.audit}</h1>
      <Shown of={rows}>
        {(rows) => (
          <table>
            <thead>
              <tr>
                {['Entry', 'At', 'Account', 'Action', 'About', 'For'].map((column) => (
                  <th scope="col">{column}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.entries.slice(-500).map((row) => (
                <tr>
                  <td>{row.seq}</td>
                  <td>{when(row.at)}</td>
                  <td>{row.account}</td>
                  <td>{row.action}</td>
                  <td>{row.targets.join(', ')}</td>
                  <td>{row.purpose}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Shown>
    </>
  );
}

export function Admin() {
  const policy = useAnswer<{ text: string }>('/v1/policy', { known_at: known.value });
  const accounts = useAnswer<{ accounts: { account: string; person: string; roles: string[] }[] }>('/v1/accounts', { known_at: known.value });
  return (
    <>
      <h1>{texts.pages.admin}</h1>
      <Panel title="Accounts">
        <Shown of={accounts}>
          {({ accounts }) => (
            <table>
              <tbody>
                {accounts.map((one) => (
                  <tr>
                    <td>{one.account}</td>
                    <td>{one.person}</td>
                    <td>{one.roles.join(', ').replaceAll('_', ' ')}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Shown>
      </Panel>
      <Panel title="Policy">
        <Shown of={policy}>{(policy) => <pre tabIndex={0}>{policy.text}</pre>}</Shown>
      </Panel>
    </>
  );
}
