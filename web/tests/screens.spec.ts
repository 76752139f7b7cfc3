// Pictures of each page, light and dark, wide and narrow, for somebody to look at: target/web-screens.
import { Served, SCENARIO, expect, haveScenario, test } from './served';

test.skip(!haveScenario, 'the scenario is not beside the project');
const served = Served.fresh();

test.beforeAll(async () => {
  served.run('init');
  served.run('ingest', SCENARIO, '--format', 'journal');
  await served.start();
});
test.afterAll(() => served.stop());

for (const [width, height] of [
  [1280, 800],
  [390, 844],
] as const)
  for (const colorScheme of ['light', 'dark'] as const)
    test(`pages at ${width}, ${colorScheme}`, async ({ page }) => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await page.goto(`${served.at}/queue?kind=network`);
      await page.getByRole('row').nth(1).getByRole('link').click();
      await expect(page.getByRole('heading', { name: 'Evidence' })).toBeVisible();
      const alert = new URL(page.url()).pathname;
      for (const path of ['/queue', alert, '/overview', '/compare?with=2031-01-01', '/lists', '/audit', '/admin']) {
        await page.goto(served.at + path);
        await expect(page.locator('h1')).toBeVisible();
        await page.waitForLoadState('networkidle');
        const name = path.split(/[/?]/)[1];
        await page.screenshot({ path: `../target/web-screens/${name}-${width}-${colorScheme}.png`, fullPage: true });
      }
    });
