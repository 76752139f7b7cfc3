// Both sliders, and the figures of the story at every checkpoint.
import { expect, knowing, test, type Served } from './served';

let served: Served;

test.beforeAll(async () => {
  served = await knowing('9999');
  await served.start();
});
test.afterAll(() => served.end());

const CHECKPOINTS: [string, number][] = [
  ['2030-07-13', 0],
  ['2030-07-14', 120],
  ['2030-12-05', 248],
  ['2031-01-15', 436],
  ['2031-04-18', 373],
  ['2031-05-30', 417],
  ['2031-07-02', 412],
];

test('a view of a past time shows what was known then, and says that it is past', async ({ desk }) => {
  const page = await desk.as(served, 'amon');
  for (const [day, members] of CHECKPOINTS) {
    await page.goto(`${served.at}/overview?known=${day}`);
    const figure = page.locator('.figure', { hasText: 'moved by network' });
    await expect(figure.locator('strong')).toHaveText(String(members));
    await expect(page.locator('.past')).toContainText(day);
  }
});

test('the known slider comes to every figure of the story, day by day and by the end of it', async ({ desk }) => {
  const page = await desk.as(served, 'amon');
  await page.goto(`${served.at}/overview?known=2030-07-13`);
  const figure = page.locator('.figure', { hasText: 'moved by network' }).locator('strong');
  await expect(figure).toHaveText('0');
  const slider = page.getByRole('slider', { name: 'Known by' });
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page).toHaveURL(/known=2030-07-14/);
  await expect(figure).toHaveText('120');
  for (const [day, members] of CHECKPOINTS.slice(2)) {
    const days = (Date.parse(day) - Date.parse('2030-07-14')) / 86_400_000;
    const at = Number(await slider.inputValue());
    const from = (Date.parse(new URL(page.url()).searchParams.get('known')!) - Date.parse('2030-07-14')) / 86_400_000;
    await slider.fill(String(at + days - from));
    await expect(page).toHaveURL(new RegExp(`known=${day}`));
    await expect(figure).toHaveText(String(members));
  }
  await page.keyboard.press('End');
  await page.getByRole('link', { name: 'Back to now' }).or(page.locator('body')).first().click();
  await expect(page).not.toHaveURL(/known=/);
  await expect(figure).toHaveText('412');
});

test('what had not happened by the time of the view is pale, and the address keeps both times', async ({ desk }) => {
  const page = await desk.as(served, 'amon');
  await page.goto(`${served.at}/queue?kind=network`);
  await page.getByRole('row').nth(1).getByRole('link').click();
  const strip = page.locator('.strip');
  await expect(strip).toBeVisible();
  await expect(strip.locator('rect.faint')).toHaveCount(0);
  const slider = page.getByRole('slider', { name: 'Happened by' });
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(page).toHaveURL(/happened=\d{4}-\d{2}-\d{2}/);
  await expect(strip.locator('rect.faint')).not.toHaveCount(0);
  await page.reload();
  await expect(strip.locator('rect.faint')).not.toHaveCount(0);
});
