// From the queue to an alert and back, by keyboard alone; what the page says about why.
import AxeBuilder from '@axe-core/playwright';
import { Served, expect, test } from './served';

const served = Served.fresh();

test.beforeAll(async () => {
  served.run('demo', '--people', '2000');
  await served.start();
});
test.afterAll(() => served.stop());

test('a row is opened by keyboard and says why it is there', async ({ page }) => {
  await page.goto(`${served.at}/queue`);
  await expect(page.getByRole('row').nth(1)).toContainText('may be');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/alert\/[0-9a-f]{32}/);
  await expect(page.getByRole('heading', { name: 'Why', exact: true })).toBeVisible();
  await expect(page.locator('table.sides')).toContainText('name');
});

test('the list of keys opens and closes', async ({ page }) => {
  await page.goto(`${served.at}/queue`);
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('next and previous row');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

for (const path of ['queue', 'overview', 'lists', 'audit', 'admin']) {
  test(`${path} has no barrier that axe finds, light and dark`, async ({ page }) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${served.at}/${path}`);
      await expect(page.locator('h1')).toBeVisible();
      await page.waitForLoadState('networkidle');
      const found = await new AxeBuilder({ page }).analyze();
      expect(found.violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`)).toEqual([]);
    }
  });
}
