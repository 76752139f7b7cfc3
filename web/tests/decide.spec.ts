// Two persons: what one proposes another confirms; what changes meanwhile comes by itself, and what no longer fits is refused and told.
import { asked, bringIn, expect, knowing, story, test, type Line, type Served } from './served';
import type { Page } from '@playwright/test';

const RETRACTION = '2031-04-18';
let served: Served;

test.beforeEach(async ({ house }) => {
  served = await house(knowing(RETRACTION));
  await served.start();
});

async function openFirst(page: Page, filter: string): Promise<void> {
  await page.goto(`${served.at}/queue?${filter}`);
  await page.getByRole('row').nth(1).getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'What was done' })).toBeVisible();
}

async function propose(page: Page, verdict: string, note: string): Promise<void> {
  await page.getByRole('radio', { name: verdict, exact: true }).check();
  await page.getByLabel('What was seen').fill(note);
  await page.getByRole('button', { name: `Propose: ${verdict}` }).click();
  await expect(page.locator('.history')).toContainText(note);
}

test('a verdict stands when a second person confirms it, and never by the one who proposed it', async ({ desk }) => {
  const [amon, brandt] = [await desk.as(served, 'amon'), await desk.as(served, 'brandt')];
  desk.expects('403 (Forbidden)');
  desk.expects('409 (Conflict)');
  await openFirst(amon, 'kind=network');
  await propose(amon, 'same', 'both links were read in full');
  await expect(amon.locator('.proposal')).toContainText('amon');
  await expect(amon.getByRole('button', { name: 'Confirm' })).toHaveCount(0);
  await brandt.goto(amon.url());
  await expect(brandt.locator('.proposal')).toContainText('amon proposes');
  await brandt.getByRole('button', { name: 'Confirm' }).click();
  await expect(brandt.locator('.facts')).toContainText('decided');
  // The other page learns of it without being asked again.
  await expect(amon.locator('.facts')).toContainText('decided');
});

test('what a colleague did meanwhile is a conflict: nothing is lost, and the page shows what they did', async ({ desk }) => {
  const [amon, brandt] = [await desk.as(served, 'amon'), await desk.as(served, 'brandt')];
  desk.expects('409 (Conflict)');
  await openFirst(amon, 'kind=network');
  const alert = new URL(amon.url()).pathname.split('/')[2]!;
  await amon.getByRole('radio', { name: 'same', exact: true }).check();
  await amon.getByLabel('What was seen').fill('my sentence stays');
  // The page of amon is not told of what happens, as when the stream is slower than the colleague.
  await amon.context().route('**/v1/alerts/*', (route) => (route.request().method() === 'GET' ? route.abort() : route.continue()));
  desk.expects('net::ERR_FAILED');
  const { steps } = await asked<{ steps: number }>(brandt, `/v1/alerts/${alert}`);
  await asked(brandt, `/v1/alerts/${alert}/decisions`, { seen: steps, note: 'asked the port', step: { act: 'comment' } });
  await amon.getByRole('button', { name: 'Propose: same' }).click();
  await amon.context().unroute('**/v1/alerts/*');
  await expect(amon.locator('.decide [role=status]')).toContainText('meanwhile');
  await expect(amon.getByLabel('What was seen')).toHaveValue('my sentence stays');
});

test('a verdict that a change of the list makes old is open again, live', async ({ desk }) => {
  const [amon, brandt] = [await desk.as(served, 'amon'), await desk.as(served, 'brandt')];
  // What was done grows by a line, and what stands below it gives way.
  desk.expects('<h2>Changed since the last verdict</h2>');
  const lines = await story();
  const final = await asked<{ rows: { alert: string; entry: string }[] }>(amon, '/v1/queue?state=final&kind=name&limit=1');
  const { alert, entry } = final.rows[0]!;
  await amon.goto(`${served.at}/alert/${alert}`);
  await expect(amon.locator('.facts')).toContainText('decided');
  const before = lines.findLast((line) => line.known_at < RETRACTION && entityOf(line)?.id === entry)!;
  const properties = { ...entityOf(before)!.properties, alias: ['Another Name Entirely'] };
  await bringIn(brandt, [{ ...before, known_at: '2031-05-01T06:00:00Z', entity: { ...entityOf(before)!, properties } }]);
  await expect(amon.locator('.facts')).toContainText('reopened');
  await amon.goto(`${served.at}/queue?state=reopened`);
  await expect(amon.getByRole('row').filter({ hasText: entry })).toContainText('got another name');
});

interface Entity {
  id: string;
  properties: Record<string, string[]>;
}
const entityOf = (line: Line): Entity | undefined => line['entity'] as Entity | undefined;

test('a retraction withdraws 63 alerts; a bulk decision that was being taken leaves them out and tells it', async ({ desk }) => {
  const [amon, brandt] = [await desk.as(served, 'amon'), await desk.as(served, 'brandt')];
  await amon.goto(`${served.at}/queue?kind=network`);
  const waiting = amon.locator('.filters strong');
  await expect(waiting).toHaveText('316 waiting');
  await amon.getByRole('button', { name: 'Decide all of these' }).click();
  const dialog = amon.getByRole('dialog');
  await expect(dialog).toContainText('316 alerts.');
  await bringIn(brandt, (await story()).filter((line) => line.known_at.startsWith(RETRACTION)));
  await expect(waiting).toHaveText('253 waiting');
  await dialog.getByLabel('Verdict').selectOption('same');
  await dialog.getByLabel('What was seen').fill('each link was read');
  await dialog.getByRole('button', { name: 'Propose for 316' }).click();
  await expect(dialog.getByRole('status')).toContainText('253 rows stand.');
  await expect(dialog.getByRole('status')).toContainText('63:');
  await dialog.getByRole('button', { name: 'Undo' }).click();
  await expect(dialog.getByRole('status')).toContainText('253 rows stand.');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await amon.goto(`${served.at}/queue?kind=network&state=withdrawn`);
  await expect(waiting).toHaveText('63 waiting');
});
