// What goes wrong around the pages, and that they say so and go on: the server gone and back, a session at its end, a slow network.
import { asked, expect, knowing, logIn, test, type Served } from './served';

let served: Served;

test.beforeEach(async ({ house }) => {
  served = await house(knowing('2031-01-16'));
  await served.start();
});

test('a server that is gone is told, what was there stays, and with its return the page is as new', async ({ desk }) => {
  const page = await desk.as(served, 'amon');
  await page.goto(`${served.at}/queue?kind=network`);
  await expect(page.getByRole('row').nth(1)).toContainText(/ (on|since) \d{4}-\d\d-\d\d/);
  desk.expects('net::ERR_CONNECTION_REFUSED');
  desk.expects('net::ERR_INCOMPLETE_CHUNKED_ENCODING');
  await served.stop();
  await expect(page.getByRole('alert')).toContainText('cannot be reached');
  await expect(page.getByRole('row').nth(1)).toContainText(/ (on|since) \d{4}-\d\d-\d\d/);
  await served.start();
  await expect(page.getByRole('alert')).toBeHidden({ timeout: 30_000 });
  await page.getByRole('row').nth(1).getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'Evidence' })).toBeVisible();
});

test('a session at its end asks who it is, and comes back to the same page', async ({ desk }) => {
  const page = await desk.as(served, 'amon');
  await page.goto(`${served.at}/queue?kind=network`);
  await page.getByRole('row').nth(1).getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'Evidence' })).toBeVisible();
  const address = page.url();
  served.run('access', 'revoke', '--account', 'amon', '--actor', 'root');
  served.lets('amon');
  await page.getByRole('radio', { name: 'same', exact: true }).check();
  await page.getByLabel('What was seen').fill('both links hold');
  await page.getByRole('button', { name: 'Propose: same' }).click();
  await logIn(page, 'amon');
  expect(page.url()).toBe(address);
  await expect(page.getByRole('heading', { name: 'Evidence' })).toBeVisible();
});

test('while an answer is on its way the page before it stays useful, and nothing jumps when it comes', async ({ desk }) => {
  const page = await desk.as(served, 'amon');
  await page.goto(`${served.at}/queue`);
  await expect(page.getByRole('row').nth(1)).toContainText(/ (on|since) \d{4}-\d\d-\d\d/);
  let release = (): void => undefined;
  const held = new Promise<void>((done) => (release = done));
  await page.route('**/v1/alerts/**', async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole('row').nth(1).getByRole('link').click();
  await expect(page.locator('.asking')).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Queue');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('row').nth(1)).toContainText(/ (on|since) \d{4}-\d\d-\d\d/);
  await page.getByRole('row').nth(2).getByRole('link').click();
  await expect(page.locator('.asking')).toBeVisible();
  release();
  await expect(page.getByRole('heading', { name: 'What was done' })).toBeVisible();
  await expect(page.locator('.asking')).toBeHidden();
});

test('what cannot be answered is told where it would stand, and can be asked again', async ({ desk }) => {
  const page = await desk.as(served, 'amon');
  desk.expects('503 (Service Unavailable)');
  await page.route('**/v1/queue?*', (route) =>
    route.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"type":"urn:lookback:busy","detail":"too much at once"}' }),
  );
  await page.goto(`${served.at}/queue`);
  await expect(page.getByRole('alert')).toContainText('too much at once');
  await page.unroute('**/v1/queue?*');
  await page.getByRole('button', { name: 'Ask again' }).click();
  await expect(page.getByRole('row').nth(1)).toContainText(/ (on|since) \d{4}-\d\d-\d\d/);
  const { total } = await asked<{ total: number }>(page, '/v1/queue?limit=1');
  await expect(page.locator('.filters strong')).toHaveText(`${total} waiting`);
});
