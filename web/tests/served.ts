// A store, a server over it, and pages that fail their test when the console complains, a promise is rejected unseen or anything
// moves by itself after it was painted.
import { test as base, expect, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const PROGRAM = resolve(process.env['LOOKBACK'] ?? '../target/release/lookback');
/** What every account of the demonstration logs in with. */
const PASSWORD = 'harbour-demo';

export class Served {
  private process: ChildProcess | null = null;
  at = '';
  /** The subject that the demonstration names to begin with. */
  begin = '';

  private constructor(
    readonly folder: string,
    readonly store: string,
  ) {}

  static fresh(): Served {
    const folder = mkdtempSync(join(tmpdir(), 'lookback-web-'));
    return new Served(folder, join(folder, 's.db'));
  }

  run(...words: string[]): string {
    return this.runWith('', ...words);
  }

  runWith(input: string, ...words: string[]): string {
    return execFileSync(PROGRAM, [...words, '--store', this.store], { encoding: 'utf8', maxBuffer: 1 << 30, input });
  }

  /** Ingests lines of the journal. */
  ingest(lines: object[]): void {
    const file = join(this.folder, 'journal.jsonl');
    writeFileSync(file, lines.map((line) => JSON.stringify(line) + '\n').join(''));
    this.run('ingest', file, '--format', 'journal');
  }

  /** Gives accounts of the story their password. */
  lets(...accounts: string[]): void {
    for (const account of accounts) this.runWith(`${PASSWORD}\n`, 'access', 'password', account, '--actor', 'root');
  }

  /** Starts the server: where it was before, if it ran, so that open pages find it again. */
  async start(...options: string[]): Promise<void> {
    const listen = this.at ? this.at.replace('http://', '') : '127.0.0.1:0';
    const child = spawn(PROGRAM, ['serve', '--store', this.store, '--listen', listen, ...options]);
    this.process = child;
    const last = options.includes('--demo') ? /begin: find out why (\S+)/ : /http:\/\/[0-9.:]+/;
    const said = await new Promise<string>((found, failed) => {
      let said = '';
      const heard = (data: Buffer) => {
        said += data.toString();
        if (last.test(said)) found(said);
      };
      child.stdout.on('data', heard);
      child.stderr.on('data', heard);
      child.on('exit', () => failed(new Error(`the server ended: ${said}`)));
    });
    this.at = /http:\/\/[0-9.:]+/.exec(said)![0];
    this.begin = /find out why (\S+)/.exec(said)?.[1] ?? this.begin;
  }

  async stop(): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Line {
  known_at: string;
  op: string;
  kind: string;
  [field: string]: unknown;
}

const prepared = new Map<string, Served>();

/** A copy of a store that is made once, since making it takes longer than most tests. */
async function copied(name: string, make: (served: Served) => Promise<void>): Promise<Served> {
  let first = prepared.get(name);
  if (!first) {
    first = Served.fresh();
    await make(first);
    prepared.set(name, first);
    const { folder } = first;
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  }
  const served = Served.fresh();
  cpSync(first.folder, served.folder, { recursive: true });
  served.begin = first.begin;
  return served;
}

/** The store that `serve --demo` makes. */
export const demonstration = (): Promise<Served> =>
  copied('demonstration', async (served) => {
    await served.start('--demo');
    await served.stop();
  });

let told: Line[] | null = null;

/** The journal of the demonstration: the Harbour story, with what its office decided. */
export async function story(): Promise<Line[]> {
  if (told) return told;
  const served = await demonstration();
  const file = join(served.folder, 'story.jsonl');
  served.run('export', '--output', file, '--actor', 'brandt');
  told = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Line);
  await served.end();
  return told;
}

/** A store that knows the story up to the day before `day`, with its office as of then. */
export const knowing = (day: string): Promise<Served> =>
  copied(day, async (served) => {
    served.run('init');
    served.ingest((await story()).filter((line) => line.known_at < day));
    served.lets('amon', 'brandt');
  });

interface Watch {
  complaints: string[];
  expected: string[];
}

/** Collects what a page should not do. */
async function watch(page: Page, seen: Watch): Promise<void> {
  page.on('console', (message) => message.type() === 'error' && seen.complaints.push(`console: ${message.text()} ${message.location().url}`));
  page.on('pageerror', (error) => seen.complaints.push(`error: ${String(error)}`));
  await page.exposeFunction('moved', (what: string) => seen.complaints.push(`moved: ${what}`));
  await page.addInitScript(() => {
    // What follows from what somebody did may move things, however long its answer takes on a slow machine; what comes by itself may not.
    const GRACE = 500;
    let excused = 0;
    let answering = 0;
    for (const event of ['keydown', 'pointerdown', 'input', 'change', 'submit'])
      addEventListener(event, () => (excused = performance.now() + GRACE), true);
    const plain = window.fetch;
    window.fetch = async (...request) => {
      if (performance.now() > excused) return plain(...request);
      answering += 1;
      try {
        return await plain(...request);
      } finally {
        answering -= 1;
        excused = performance.now() + GRACE;
      }
    };
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as {
        hadRecentInput: boolean;
        startTime: number;
        value: number;
        sources: { node: Node | null }[];
      }[]) {
        // A tenth of what web vitals call good for a whole page: a panel under the one that grew by a line.
        if (entry.value < 0.01) continue;
        if (entry.hadRecentInput || answering > 0 || entry.startTime <= excused) continue;
        const nodes = entry.sources.map(({ node }) => (node instanceof Element ? node.outerHTML.slice(0, 90) : node?.textContent));
        (window as unknown as { moved: (what: string) => void }).moved(`${entry.value.toFixed(4)} ${nodes.join(' | ')} at ${location.pathname}`);
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

/** What Chromium itself says of a first request that nobody is logged in for. */
const NOBODY_YET = '401 (Unauthorized)';

export interface Desk {
  /** A page of somebody's own browser, logged in. */
  as(served: Served, account: string): Promise<Page>;
  /** A complaint that the test brings about on purpose. */
  expects(text: string): void;
}

/** Takes a store over for the time of one test. */
export type House = (made: Promise<Served> | Served) => Promise<Served>;

export const test = base.extend<{ seen: Watch; page: Page; house: House; desk: Desk }>({
  seen: async ({}, use) => {
    const seen: Watch = { complaints: [], expected: [] };
    await use(seen);
    expect(seen.complaints.filter((text) => !seen.expected.some((allowed) => text.includes(allowed)))).toEqual([]);
  },
  page: async ({ page, seen }, use) => {
    await watch(page, seen);
    await use(page);
  },
  house: async ({}, use) => {
    const served: Served[] = [];
    await use(async (made) => {
      const one = await made;
      served.push(one);
      return one;
    });
    for (const one of served) await one.end();
  },
  // The pages are closed before the houses that they look at.
  desk: async ({ browser, seen, house: _ }, use) => {
    const opened: BrowserContext[] = [];
    await use({
      as: async (served, account) => {
        const page = await opening(browser, opened);
        await watch(page, seen);
        seen.expected.push(NOBODY_YET);
        await page.goto(`${served.at}/queue`);
        await logIn(page, account);
        return page;
      },
      expects: (text) => void seen.expected.push(text),
    });
    for (const context of opened) await context.close();
  },
});

async function opening(browser: Browser, opened: BrowserContext[]): Promise<Page> {
  const context = await browser.newContext();
  // Pages as they were just built, where the program has older ones in it.
  if (process.env['DIST']) await context.route('**/assets/*', (route) => route.fulfill({ path: join('dist', new URL(route.request().url()).pathname) }));
  opened.push(context);
  return context.newPage();
}

/** Logs in by keyboard. */
export async function logIn(page: Page, account: string): Promise<void> {
  await expect(page.getByLabel('Account')).toBeFocused();
  await page.keyboard.type(account);
  await page.keyboard.press('Tab');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.locator('.who')).toContainText(account);
}

/** Asks the server as the page's own account would, for what no page does yet. */
export function asked<T>(page: Page, path: string, body?: unknown, type = 'application/json'): Promise<T> {
  return page.evaluate(
    async ({ path, body, type }) => {
      const session = (await (await fetch('/v1/session')).json()) as { csrf_token: string };
      const how = body === undefined ? {} : { method: 'POST', body, headers: { 'content-type': type, 'x-csrf-token': session.csrf_token } };
      const answer = await fetch(path, how);
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
      return JSON.parse(text) as T;
    },
    { path, body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body), type },
  );
}

/** Lines of the journal, brought in over the wire by somebody who may. */
export const bringIn = (page: Page, lines: object[]): Promise<unknown> =>
  asked(page, '/v1/ingest?format=journal', lines.map((line) => JSON.stringify(line) + '\n').join(''), 'application/x-ndjson');

export { expect };
