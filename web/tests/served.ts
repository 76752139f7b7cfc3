// A store, a server over it, and a page that fails its test when the console complains or a promise is rejected unseen.
import { test as base, expect, type Page } from '@playwright/test';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const PROGRAM = resolve(process.env['LOOKBACK'] ?? '../target/release/lookback');
/** The invented scenario of the neighbour folder; tests that need it are skipped, saying so, where it is absent. */
export const SCENARIO = resolve('../../shared/data/scenario/default/journal.jsonl.gz');

export class Served {
  private process: ChildProcess | null = null;
  at = '';

  constructor(readonly store: string) {}

  static fresh(): Served {
    return new Served(join(mkdtempSync(join(tmpdir(), 'lookback-web-')), 's.db'));
  }

  run(...words: string[]): string {
    return execFileSync(PROGRAM, [...words, '--store', this.store], { encoding: 'utf8', maxBuffer: 1 << 28 });
  }

  async start(): Promise<void> {
    const child = spawn(PROGRAM, ['serve', '--store', this.store, '--listen', '127.0.0.1:0']);
    this.process = child;
    this.at = await new Promise<string>((found, failed) => {
      let said = '';
      const heard = (data: Buffer) => {
        said += data.toString();
        const address = /http:\/\/[0-9.:]+/.exec(said);
        if (address) found(address[0]);
      };
      child.stdout.on('data', heard);
      child.stderr.on('data', heard);
      child.on('exit', () => failed(new Error(`the server ended: ${said}`)));
    });
  }

  async stop(): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
  }
}

export const test = base.extend<{ page: Page }>({
  page: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('response', (response) => response.status() >= 400 && complaints.push(`${response.status()} ${response.url()}`));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await use(page);
    expect(complaints.filter((text) => !expected.some((allowed) => text.includes(allowed)))).toEqual([]);
    expected.length = 0;
  },
});

/** What a test makes the console say on purpose. */
const expected: string[] = [];
export const expectComplaint = (text: string): number => expected.push(text);

export const haveScenario = existsSync(SCENARIO);
export { expect };
