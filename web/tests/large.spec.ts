// A hundred thousand alerts, all of whom were on one telephone: the queue and the picture stay usable.
import { expect, test, type Served } from './served';
import { CROWD, crowded } from './crowd';

let served: Served;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  served = crowded();
  await served.start();
});
test.afterAll(() => served.end());

test('a queue of a hundred thousand is walked from end to end, and only what is in sight is drawn', async ({ page }) => {
  const { at } = served;
  await page.goto(`${at}/queue`);
  await expect(page.locator('.filters strong')).toHaveText(`${CROWD.toLocaleString('en')} waiting`);
  await expect(page.getByRole('row').nth(1)).toContainText(/ (on|since) \d{4}-\d\d-\d\d/);
  await page.locator('.rows').evaluate((box) => (box.scrollTop = box.scrollHeight));
  await expect(page.locator(`[aria-rowindex="${CROWD + 1}"]`)).toContainText(/ (on|since) \d{4}-\d\d-\d\d/);
  expect(await page.getByRole('row').count()).toBeLessThan(100);
  await page.locator(`[aria-rowindex="${CROWD + 1}"]`).getByRole('link').click();
  await expect(page.getByRole('heading', { name: 'Evidence' })).toBeVisible();
});

test('what a hundred thousand had is one stub in the picture, with their number', async ({ page }) => {
  const { at } = served;
  await page.goto(`${at}/queue`);
  await page.getByRole('row').nth(1).getByRole('link').click();
  await expect(page.locator('.paths li')).toHaveCount(2);
  await page.locator('.graph g.person').last().click();
  await page.getByRole('button', { name: 'Expand' }).click();
  const things = page.locator('.graph g.attribute, .graph g.person, .graph g.organisation, .graph g.hub, .graph g.rest');
  await expect(page.locator('.graph')).toContainText(/[\d,]{5,} more|100,000/);
  expect(await things.count()).toBeLessThanOrEqual(200);
});
