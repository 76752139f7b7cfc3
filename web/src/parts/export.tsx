// What is on the page, as CSV or on paper: first what it is (the address with both times, the commit, who, for what, when, the digest of
// the rows), then the tables.
import { signal } from '@preact/signals';
import { happened, known } from '../route';
import { texts } from '../texts';
import type { Session, Status } from '../types';

const cell = (text: string): string => (/[",\n\r]|^[=+\-@\t]/.test(text) ? `"${text.replace(/^[=+\-@\t]/, "'$&").replaceAll('"', '""')}"` : text);

/** The tables of the page as lines. A cell that a spreadsheet would take for a formula is kept a text. */
function lines(): string[] {
  const tables = [...document.querySelectorAll('main table, main [role=grid]')];
  return tables.flatMap((table) => {
    const rows = [...table.querySelectorAll('tr, [role=row]')];
    const cells = (row: Element) => [...row.querySelectorAll('th, td, [role=gridcell], [role=columnheader]')];
    const title = table.closest('section')?.querySelector('h2')?.textContent;
    const text = (one: Element) => cell((one as HTMLElement).innerText.trim().replaceAll(/\s*\n\s*/g, ' '));
    return [...(title ? [cell(title)] : []), ...rows.map((row) => cells(row).map(text).join(',')), ''];
  });
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What an export or a print says of itself. */
async function heading(status: Status | null, session: Session | null, body: string): Promise<[string, string][]> {
  return [
    [texts.export.view, location.pathname + location.search],
    [texts.export.known, known.value ?? status?.head?.known_at ?? ''],
    [texts.export.happened, happened.value ?? texts.time.ever],
    [texts.export.commit, status?.head ? `${status.head.seq}:${status.head.hash}` : ''],
    [texts.export.by, session?.account ?? texts.export.noAccount],
    [texts.export.purpose, session?.purpose ?? texts.export.noPurpose],
    [texts.export.made, new Date().toISOString()],
    [texts.export.digest, await digest(body)],
  ];
}

async function save(status: Status | null, session: Session | null): Promise<void> {
  const body = lines().join('\r\n');
  const head = (await heading(status, session, body)).map((row) => row.map(cell).join(','));
  const url = URL.createObjectURL(new Blob(['\ufeff', [...head, '', body].join('\r\n')], { type: 'text/csv;charset=utf-8' }));
  const name = location.pathname.slice(1).replaceAll('/', '-') || texts.product;
  const link = Object.assign(document.createElement('a'), { href: url, download: `lookback-${name}.csv` });
  link.click();
  URL.revokeObjectURL(url);
}

const printed = signal<[string, string][]>([]);

/** The browser prints what stands on the page, or saves it as PDF: with the heading, which is only seen on paper. */
async function onPaper(status: Status | null, session: Session | null): Promise<void> {
  printed.value = await heading(status, session, lines().join('\r\n'));
  requestAnimationFrame(() => print());
}

export function PrintHead() {
  return (
    <dl class="printhead" aria-hidden="true">
      {printed.value.map(([name, value]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export function Export({ status, session }: { status: Status | null; session: Session | null }) {
  return (
    <span class="export">
      <button onClick={() => void save(status, session)}>{texts.export.csv}</button>{' '}
      <button onClick={() => void onPaper(status, session)}>{texts.export.print}</button>
    </span>
  );
}
