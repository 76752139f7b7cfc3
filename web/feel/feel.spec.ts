// How it feels with a hundred thousand alerts: what each step takes, beside what was asked. Prints a table and judges nothing.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { expect, test, type Served } from '../tests/served';
import { crowded } from '../tests/crowd';

const ROUNDS = 9;
let served: Served;

test.beforeAll(async () => {
  served = crowded();
  await served.start();
});
test.afterAll(() => served.end());

/** Milliseconds in the page from an act until what it leads to is painted, in the middle of some rounds. */
async function median(rounds: () => Promise<number>): Promise<number> {
  const taken: number[] = [];
  for (let round = 0; round < ROUNDS; round++) taken.push(await rounds());
  return taken.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}

/** Acts in the page, and measures there until a sign is seen and painted. */
function until(page: Page, act: string, sign: string): Promise<number> {
  return page.evaluate(
    ({ act, sign }) =>
      new Promise<number>((done) => {
        const seen = new Function(`return ${sign}`) as () => boolean;
        const begun = performance.now();
        const look = () => (seen() ? requestAnimationFrame(() => done(performance.now() - begun)) : requestAnimationFrame(look));
        (new Function(act) as () => void)();
        look();
      }),
    { act, sign },
  );
}

const press = (key: string) => `dispatchEvent(new KeyboardEvent('keydown', { key: '${key}', bubbles: true }))`;
const WHOLE = `document.querySelector('main:not(.coming)')`;
const QUEUE = `!!${WHOLE}?.querySelector('[aria-rowindex="2"] a')`;
const ALERT = `!!${WHOLE}?.querySelector('.decide')`;

test('feel', async ({ page }) => {
  test.setTimeout(300_000);
  const { at } = served;
  const rows: [string, number, number][] = [];
  const paint = await median(async () => {
    await page.goto(`${at}/queue`, { waitUntil: 'commit' });
    await page.waitForFunction(`${QUEUE}`);
    return page.evaluate(() => performance.now());
  });
  rows.push(['first useful paint: the queue with its first row', paint, 1000]);
  const detail = await median(async () => {
    await page.goto(`${at}/queue`);
    await page.waitForFunction(`${QUEUE}`);
    return until(page, press('Enter'), ALERT);
  });
  rows.push(['row to detail', detail, 100]);
  const next = await median(async () => {
    const before = new URL(page.url()).pathname;
    return until(page, press('n'), `location.pathname !== '${before}' && ${ALERT}`);
  });
  rows.push(['decided to next alert', next, 150]);
  await page.goto(`${at}/overview`);
  await expect(page.locator('.figure').first()).toBeVisible();
  let day = 0;
  const step = await median(async () => {
    day += 1;
    const act = `const s = document.querySelector('input[type=range]'); s.value = ${day % 2 ? "Number(s.max) - 3" : "Number(s.max) - 4"}; s.dispatchEvent(new Event('input', { bubbles: true }));`;
    return until(page, act, `!!document.querySelector('.past') && !document.querySelector('main .waiting')`);
  });
  rows.push(['slider step, the figures of another day', step, 200]);
  await page.goto(`${at}/queue`);
  await page.waitForFunction(`${QUEUE}`);
  const graph = await until(page, press('Enter'), `!!${WHOLE}?.querySelector('.graph g')`);
  rows.push(['graph of an alert interactive', graph, 300]);
  const folder = 'dist/assets';
  const parts = readdirSync(folder).map((name) => [name, gzipSync(readFileSync(`${folder}/${name}`), { level: 9 }).length] as const);
  const table = rows.map(([what, taken, most]) => `${taken.toFixed(0).padStart(7)} ms  asked ${String(most).padStart(5)} ms  ${what}`);
  const sizes = parts.map(([name, bytes]) => `${(bytes / 1000).toFixed(1).padStart(7)} kB  ${name}, gzip`);
  const sum = parts.reduce((sum, [, bytes]) => sum + bytes, 0);
  console.log(['', ...table, ...sizes, `${(sum / 1000).toFixed(1).padStart(7)} kB  asked   350 kB  all of it`].join('\n'));
});
