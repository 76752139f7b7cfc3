// Both sliders, and the figures of the story at every checkpoint.
import { Served, SCENARIO, expect, haveScenario, test } from './served';

test.skip(!haveScenario, 'the scenario is not beside the project');
const served = Served.fresh();

test.beforeAll(async () => {
  served.run('init');
  served.run('ingest', SCENARIO, '--format', 'journal');
  await served.start();
});
test.afterAll(() => served.stop());

const CHECKPOINTS: [string, number][] = [
  ['2030-07-14', 120],
  ['2030-12-05', 248],
  ['2031-01-15', 436],
  ['2031-04-18', 373],
  ['2031-05-30', 417],
  ['2031-07-02', 412],
];

test('a view of a past time shows what was known then, and says that it is past', async ({ page }) => {
  for (const [day, members] of CHECKPOINTS) {
    await page.goto(`${served.at}/overview?known=${day}`);
    const figure = page.locator('.figure', { hasText: 'moved by network' });
    await expect(figure.locator('strong')).toHaveText(String(members));
    await expect(page.locator('.past')).toContainText(day);
  }
});

test('the known slider leads from day to day and stays in the address', async ({ page }) => {
  await page.goto(`${served.at}/overview`);
  const slider = page.getByRole('slider', { name: 'Known by' });
  await slider.focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page).toHaveURL(/known=\d{4}-\d{2}-\d{2}/);
  await expect(page.locator('.past')).toBeVisible();
  await page.getByRole('link', { name: 'Back to now' }).click();
  await expect(page).not.toHaveURL(/known=/);
});
