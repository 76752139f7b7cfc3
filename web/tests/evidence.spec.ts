// Why somebody is here: the paths in sentences, the picture beside them, hubs, names in many scripts.
import { Served, demonstration, expect, test, type Line } from './served';

let demo: Served;
const odd = Served.fresh();

const MANY = 81;
const FIRST = ['Tavi', 'Orlen', 'Bresk', 'Numa', 'Kelt', 'Isko', 'Vard', 'Pelu', 'Samo'];
const LAST = ['Harrowgate', 'Millbeck', 'Ostrand', 'Quillon', 'Wexcombe', 'Zelbury', 'Tarnholt', 'Ashvale', 'Corvane'];

/** An entry of 81 names, and somebody whose name stands in two scripts. */
function oddities(): Line[] {
  const known_at = '2031-01-01T00:00:00Z';
  const line = (dataset: string, id: string, properties: object): Line => ({ known_at, op: 'put', kind: 'entity', dataset, entity: { id, schema: 'Person', properties }, source: dataset });
  const dataset = (name: string, role: string): Line => ({ known_at, op: 'put', kind: 'dataset', name, role });
  const names = FIRST.flatMap((first) => LAST.map((last) => `${first} ${last}`));
  return [
    dataset('list', 'list'),
    dataset('people', 'population'),
    line('list', 'E-MANY', { name: names.slice(0, 1), alias: names.slice(1), topics: ['sanction'], birthDate: ['1970-02-03'] }),
    line('list', 'E-SCRIPT', { name: ['Yasir Nabil Lutfi'], topics: ['sanction'], birthDate: ['1981-05-06'] }),
    line('people', 'P-MANY', { name: [names.at(-1)], birthDate: ['1970-02-03'] }),
    line('people', 'P-SCRIPT', { name: ['ياسر نبيل لطفي'], birthDate: ['1981-05-06'] }),
  ];
}

test.beforeAll(async () => {
  odd.run('init');
  odd.ingest(oddities());
  demo = await demonstration();
  await Promise.all([demo.start(), odd.start()]);
});
test.afterAll(async () => {
  await demo.end();
  await odd.end();
});

test('paths are read first, picked, and followed into the picture', async ({ desk }) => {
  const page = await desk.as(demo, 'amon');
  await page.goto(`${demo.at}/subject/${demo.begin}`);
  const paths = page.locator('.paths li');
  await expect(paths).not.toHaveCount(0);
  await expect(paths.first()).toContainText(demo.begin);
  await paths.first().getByRole('button').focus();
  await page.keyboard.press('Enter');
  await expect(paths.first().getByRole('button')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.locator('.graph line.chosen')).not.toHaveCount(0);
  const things = page.locator('.graph g.attribute, .graph g.person, .graph g.organisation, .graph g.hub, .graph g.rest');
  const before = await things.count();
  await page.locator('.graph g.person').last().click();
  await page.getByRole('button', { name: 'Expand' }).click();
  await expect.poll(() => things.count()).toBeGreaterThan(before);
  expect(await things.count()).toBeLessThanOrEqual(200);
  await page.getByRole('button', { name: 'Collapse' }).click();
  await expect.poll(() => things.count()).toBe(before);
});

test('an entry of 81 names is shown by the name that agrees, and fits the page', async ({ page }) => {
  await page.goto(`${odd.at}/queue`);
  await expect(page.getByRole('row')).toHaveCount(3);
  await page.getByRole('row').filter({ hasText: 'P-MANY' }).getByRole('link').click();
  await expect(page.locator('table.sides')).toContainText(`${FIRST[8]} ${LAST[8]}`);
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  }
  expect(MANY).toBe(FIRST.length * LAST.length);
});

test('Arabic stands beside Latin, each in its own direction', async ({ page }) => {
  await page.goto(`${odd.at}/queue`);
  await page.getByRole('row').filter({ hasText: 'P-SCRIPT' }).getByRole('link').click();
  const sides = page.locator('table.sides');
  const direction = (text: string) => sides.locator('bdi', { hasText: text }).first().evaluate((one) => getComputedStyle(one).direction);
  await expect(sides).toContainText('ياسر');
  expect(await direction('ياسر')).toBe('rtl');
  expect(await direction('Yasir')).toBe('ltr');
});
