// From the queue through alerts by keyboard alone; what the pages say about why, and to those who do not see them.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { demonstration, expect, test, type Served } from './served';

let served: Served;

test.beforeAll(async () => {
  served = await demonstration();
  await served.start();
});
test.afterAll(() => served.end());

/** Tabs until something of a kind has the focus. */
async function tabTo(page: Page, selector: string): Promise<void> {
  for (let presses = 0; presses < 30; presses++) {
    if (await page.evaluate((selector) => document.activeElement?.matches(selector), selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to ${selector}`);
}

test('twenty alerts are judged by keyboard alone', async ({ desk }) => {
  const page = await desk.as(served, 'amon');
  await expect(page.getByRole('row').nth(1)).toContainText(/ (on|since) \d{4}-\d\d-\d\d/);
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  const judged = new Set<string>();
  while (judged.size < 20) {
    await expect(page).toHaveURL(/\/alert\/[0-9a-f]{32}/);
    const alert = new URL(page.url()).pathname;
    expect(judged.has(alert), 'no alert comes twice').toBe(false);
    await expect(page.getByRole('heading', { name: 'Decide' })).toBeVisible();
    const key = ['s', 'i'][judged.size % 2]!;
    await page.keyboard.press(key);
    await expect(page.getByRole('radio', { checked: true })).toBeVisible();
    await page.keyboard.press('r');
    await tabTo(page, 'textarea');
    await page.keyboard.type('looked at by keyboard');
    await tabTo(page, 'button.primary');
    await page.keyboard.press('Enter');
    await expect(page.locator('.history')).toContainText('looked at by keyboard');
    judged.add(alert);
    await page.keyboard.press('n');
    await expect(page).not.toHaveURL(new RegExp(alert));
  }
});

test('a verdict is taken back by its key, and the alert waits again', async ({ desk }) => {
  const page = await desk.as(served, 'amon');
  await page.goto(`${served.at}/queue?state=reopened`);
  await expect(page.getByRole('row').nth(1)).toContainText(/ (on|since) \d{4}-\d\d-\d\d/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Decide' })).toBeVisible();
  await page.keyboard.press('e');
  await page.keyboard.press('r');
  await tabTo(page, 'textarea');
  await page.keyboard.type('somebody else should look');
  await tabTo(page, 'button.primary');
  await page.keyboard.press('Enter');
  await expect(page.locator('.history li').last()).toContainText('escalate');
  await page.keyboard.press('u');
  await expect(page.locator('.history li').last()).toContainText('takes back');
});

test('the list of keys opens and closes', async ({ desk }) => {
  const page = await desk.as(served, 'amon');
  await expect(page.getByRole('row').nth(1)).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('next and previous row');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
});

const PAGES: [string, string[]][] = [
  ['amon', ['queue', 'overview', 'lists']],
  ['dorn', ['audit']],
  ['root', ['admin']],
];

for (const [account, paths] of PAGES)
  test(`no page of ${account}'s has a barrier that axe finds, light and dark`, async ({ desk }) => {
    const page = await desk.as(served, account);
    // What a role may not see is refused, which Chromium tells.
    desk.expects('403 (Forbidden)');
    for (const path of paths)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.goto(`${served.at}/${path}`);
        await expect(page.locator('h1')).toBeVisible();
        await page.waitForLoadState('load');
        const found = await new AxeBuilder({ page }).analyze();
        expect(found.violations.map((violation) => `${violation.id}: ${violation.nodes[0]?.html}`)).toEqual([]);
      }
  });
