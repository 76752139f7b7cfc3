// Asks the server. An answer is kept as long as its page is open, so that going back shows at once what was there.
import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';

/** What went wrong, as the server says it (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly kind: string,
    detail: string,
  ) {
    super(detail);
  }
}

export type Parameters = Record<string, string | number | boolean | null | undefined | readonly string[]>;

/** Sent back with whatever changes something; given with the session. */
export const csrf = signal<string | null>(null);
/** Whether the server could be reached by the last request. */
export const reachable = signal(true);
/** Whether the server no longer knows who is here. */
export const expired = signal(false);
/** The last known time of the store: an invented one may be ahead of the clock. */
export const head = signal(0);
/** Now, as reviews count it: the clock, but not before the last commit. */
export const now = (): number => Math.max(Date.now(), head.value);
/** How many answers a page has not had yet: it is shown when it is whole, so that nothing moves in it afterwards. */
export const awaited = signal(0);
/** Raised by whatever changed something, here or elsewhere: what is shown is asked for again. */
export const changes = signal(0);

export function address(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null || value === undefined || value === '' || value === false) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

async function answered<T>(request: Promise<Response>): Promise<T> {
  let response: Response;
  try {
    response = await request;
    reachable.value = true;
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    reachable.value = false;
    throw new Problem(0, 'unreachable', 'The server cannot be reached.');
  }
  const json = response.headers.get('content-type')?.includes('json');
  const body: unknown = json ? await response.json() : await response.text();
  if (response.ok) return body as T;
  const problem = body as { type?: string; detail?: string };
  if (response.status === 401) expired.value = true;
  throw new Problem(response.status, problem?.type ?? '', problem?.detail ?? response.statusText);
}

export function get<T>(path: string, parameters?: Parameters, signal?: AbortSignal): Promise<T> {
  return answered<T>(fetch(address(path, parameters), { signal: signal ?? null, headers: { accept: 'application/json' } }));
}

/** Sends something and counts it as a change. */
export async function send<T>(path: string, body: unknown, method = 'POST'): Promise<T> {
  const headers: Record<string, string> = { 'content-type': 'application/json', accept: 'application/json' };
  if (csrf.value) headers['x-csrf-token'] = csrf.value;
  const answer = await answered<T>(fetch(path, { method, headers, body: JSON.stringify(body) }));
  changes.value += 1;
  return answer;
}

/** An answer, or what stands in its place. While a new one is on its way the last one stays. */
export interface Answer<T> {
  value: T | null;
  problem: Problem | null;
  /** Whether `value` is of an earlier question. */
  waiting: boolean;
}

const kept = new Map<string, unknown>();
const KEPT_MOST = 200;

/** Asks whenever the question changes; `null` asks nothing. The page is not shown before the first answer. */
export function useAnswer<T>(path: string | null, parameters: Parameters = {}): Answer<T> {
  const answer = useAside<T>(path, parameters);
  const first = path !== null && answer.value === null && answer.problem === null;
  useLayoutEffect(() => {
    if (!first) return;
    awaited.value += 1;
    return () => void (awaited.value -= 1);
  }, [first]);
  return answer;
}

/** The same for what stands beside the page, which does not wait for it. */
export function useAside<T>(path: string | null, parameters: Parameters = {}): Answer<T> {
  const url = path === null ? null : address(path, parameters);
  const version = changes.value;
  const [answer, set] = useState<Answer<T> & { url: string | null }>({ value: null, problem: null, waiting: true, url: null });
  useEffect(() => {
    if (url === null) return;
    const known = kept.get(url) as T | undefined;
    set((last) => ({ value: known ?? last.value, problem: null, waiting: true, url: known ? url : last.url }));
    const abort = new AbortController();
    get<T>(url, {}, abort.signal)
      .then((value) => {
        kept.delete(url);
        kept.set(url, value);
        if (kept.size > KEPT_MOST) kept.delete(kept.keys().next().value as string);
        set({ value, problem: null, waiting: false, url });
      })
      .catch((error: unknown) => {
        if ((error as Error).name === 'AbortError') return;
        const problem = error instanceof Problem ? error : new Problem(0, 'unexpected', String(error));
        set((last) => ({ value: last.url === url ? last.value : null, problem, waiting: false, url }));
      });
    return () => abort.abort();
  }, [url, version]);
  return answer;
}

/** Forgets every answer, as when somebody else logs in. */
export function forget(): void {
  kept.clear();
  changes.value += 1;
}
