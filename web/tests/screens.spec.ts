// Pictures of each page, light and dark, wide and narrow, for somebody to look at: target/web-screens.
import { demonstration, expect, test, type Served } from './served';

let served: Served;

test.beforeAll(async () => {
  served = await demonstration();
  await served.start();
});
test.afterAll(() => served.end());

const PAGES: Record<string, string[]> = {
  amon: ['/queue', '/overview', '/compare?with=2031-06-01', '/lists'],
  dorn: ['/audit'],
  root: ['/admin'],
};

for (const [width, height] of [
  [1280, 800],
  [390, 844],
] as const)
  for (const colorScheme of ['light', 'dark'] as const)
    test(`pages at ${width}, ${colorScheme}`, async ({ desk }) => {
      desk.expects('403 (Forbidden)');
      for (const [account, paths] of Object.entries(PAGES)) {
        const page = await desk.as(served, account);
        await page.setViewportSize({ width, height });
        await page.emulateMedia({ colorScheme });
        if (account === 'amon') {
          await page.goto(`${served.at}/queue?kind=network`);
          await page.getByRole('row').nth(1).getByRole('link').click();
          await expect(page.getByRole('heading', { name: 'Evidence' })).toBeVisible();
          paths.push(new URL(page.url()).pathname, `/subject/${served.begin}`);
        }
        for (const path of new Set(paths)) {
          await page.goto(served.at + path);
          await expect(page.locator('h1')).toBeVisible();
          await page.screenshot({ path: `../target/web-screens/${path.split(/[/?]/)[1]}-${width}-${colorScheme}.png`, fullPage: true });
        }
      }
    });
