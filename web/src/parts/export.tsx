// What is on the page, as CSV: first what it is (the address with both times, the commit, who, when), then the tables.
import { known } from '../route';
import type { Status } from '../types';

const cell = (text: string): string => (/[",\n]|^[=+\-@]/.test(text) ? `"${text.replace(/^[=+\-@]/, "'$&").replaceAll('"', '""')}"` : text);

/** The tables of the page as lines. A cell that a spreadsheet would take for a formula is kept a text. */
function lines(): string[] {
  const tables = [...document.querySelectorAll('main table, main [role=grid]')];
  return tables.flatMap((table) => {
    const rows = [...table.querySelectorAll('tr, [role=row]')];
    const cells = (row: Element) => [...row.querySelectorAll('th, td, [role=gridcell], [role=columnheader]')];
    return [...rows.map((row) => cells(row).map((one) => cell(one.textContent?.trim() ?? '')).join(',')), ''];
  });
}

async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function save(status: Status | null, who: string | null): Promise<void> {
  const body = lines().join('\r\n');
  const head = [
    ['view', location.pathname + location.search],
    ['known by', known.value ?? status?.head?.known_at ?? ''],
    ['commit', status?.head ? `${status.head.seq}:${status.head.hash}` : ''],
    ['by', who ?? ''],
    ['made', new Date().toISOString()],
    ['sha256 of the rows', await digest(body)],
  ].map((row) => row.map((text) => cell(text ?? '')).join(','));
  const url = URL.createObjectURL(new Blob([[...head, '', body].join('\r\n')], { type: 'text/csv' }));
  const link = Object.assign(document.createElement('a'), { href: url, download: `lookback-${location.pathname.slice(1).replaceAll('/', '-')}.csv` });
  link.click();
  URL.revokeObjectURL(url);
}

export function Export({ status, who }: { status: Status | null; who: string | null }) {
  return (
    <span class="export">
      <button onClick={() => void save(status, who)}>CSV</button> <button onClick={() => print()}>Print</button>
    </span>
  );
}
