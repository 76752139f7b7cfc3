// The office over its lists and people: a held version looked at and released by two, redress, and what is taken out of the house.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { asked, demonstration, expect, test, type Served } from './served';

let served: Served;

test.beforeEach(async ({ house }) => {
  served = await house(demonstration());
  await served.start();
});

test('a held version is looked at, and released by two persons; what it opens comes by itself', async ({ desk }) => {
  const [amon, brandt] = [await desk.as(served, 'amon'), await desk.as(served, 'brandt')];
  await brandt.goto(`${served.at}/lists`);
  await expect(brandt.locator('.panel', { hasText: 'Held versions' })).toContainText('harbour-watch');
  await amon.goto(`${served.at}/queue?kind=name`);
  const waiting = amon.locator('.filters strong');
  const before = Number((await waiting.textContent())!.split(' ')[0]);
  interface Report {
    commits: { opened: number; withdrawn: number }[];
  }
  const preview = await asked<Report>(brandt, '/v1/held/1/compare', {});
  const [opened, withdrawn] = (['opened', 'withdrawn'] as const).map((what) => preview.commits.reduce((sum, commit) => sum + commit[what], 0));
  expect(opened).toBeGreaterThanOrEqual(3);
  await expect(waiting).toHaveText(`${before} waiting`);
  const { decision } = await asked<{ decision: string }>(amon, '/v1/matters/release', { held: 1, note: 'confirmed with the publisher by telephone' });
  await expect(asked(amon, `/v1/matters/${decision}/agree`, {})).rejects.toThrow(/40[39]/);
  desk.expects('403 (Forbidden)');
  desk.expects('409 (Conflict)');
  // New alerts take their places in the queue, and rows below them give way.
  desk.expects(' at /queue');
  await asked(brandt, `/v1/matters/${decision}/agree`, {});
  await expect(brandt.locator('.panel', { hasText: 'Held versions' })).toContainText('Nothing is here.');
  const { total } = await asked<{ total: number }>(amon, '/v1/queue?kind=name&limit=1');
  expect(total).toBeGreaterThanOrEqual(before + opened! - withdrawn!);
  await expect(waiting).toHaveText(`${total} waiting`);
});

test('redress takes somebody out from now on, and leaves what was answered before', async ({ desk }) => {
  // Not by those who judged the person's alerts.
  const [amon, celik] = [await desk.as(served, 'amon'), await desk.as(served, 'celik')];
  const { requests } = await asked<{ requests: { id: string; what: { subject: string } }[] }>(celik, '/v1/redress');
  const { id, what } = requests[0]!;
  await amon.goto(`${served.at}/subject/${what.subject}`);
  await expect(amon.locator('.panel', { hasText: 'Requests for redress' })).toContainText('booking');
  await celik.goto(`${served.at}/overview`);
  const moved = celik.locator('.figure', { hasText: 'moved by network' }).locator('strong');
  await expect(moved).toHaveText('412');
  await asked(celik, `/v1/redress/${id}/grant`, { note: 'the booking was another person’s' });
  await expect(moved).toHaveText('411');
  await expect(amon.locator('.panel', { hasText: 'Requests for redress' })).toContainText('granted');
  await expect(amon.locator('.panel', { hasText: 'Alerts' }).first()).toContainText('withdrawn');
  await celik.goto(`${served.at}/overview?known=2031-12-01`);
  await expect(moved).toHaveText('412');
});

test('a view is taken out as a table that says what it is, and its digest is that of its rows', async ({ desk }) => {
  const page = await desk.as(served, 'amon');
  await page.goto(`${served.at}/queue?kind=network&known=2031-07-01`);
  await expect(page.getByRole('row').nth(1)).toContainText(/ (on|since) \d{4}-\d\d-\d\d/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  const text = readFileSync(await download.path(), 'utf8').replace(/^\ufeff/, '');
  const [head, body] = [text.slice(0, text.indexOf('\r\n\r\n')), text.slice(text.indexOf('\r\n\r\n') + 4)];
  const fields = new Map(head.split('\r\n').map((line) => [line.split(',')[0]!, line.slice(line.indexOf(',') + 1)]));
  expect(fields.get('view')).toContain('kind=network');
  expect(fields.get('known by')).toBe('2031-07-01');
  expect(fields.get('by')).toBe('amon');
  expect(fields.get('commit')).toMatch(/^\d+:[0-9a-f]{64}$/);
  expect(fields.get('sha256 of the rows')).toBe(createHash('sha256').update(body).digest('hex'));
  expect(body.split('\r\n').length).toBeGreaterThan(20);
});
