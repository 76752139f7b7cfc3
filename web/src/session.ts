// Who is here and what they may do, as the server says it. What they may not do is not offered; that it is refused is the server's work.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { type Failure, csrf, expired, forget, get, send } from './client';
import type { Session } from './types';

export const session = signal<Session | null>(null);
export const problem = signal<Failure | null>(null);

export async function readSession(): Promise<void> {
  try {
    session.value = await get<Session>('/v1/session');
    csrf.value = session.value.csrf_token ?? null;
    problem.value = null;
    expired.value = false;
  } catch (error) {
    problem.value = error as Failure;
  }
}

/** Whether whoever is here may do something, by the words of the table of permissions. */
export const may = (permission: string): boolean => session.value?.permissions.includes(permission) ?? false;

export async function logIn(account: string, password: string): Promise<void> {
  await send('/v1/session', { account, password });
  forget();
  await readSession();
}

export async function logOut(): Promise<void> {
  await send('/v1/session', {}, 'DELETE').catch(() => undefined);
  session.value = null;
  forget();
  await readSession();
}

export function useSession() {
  useEffect(() => {
    if (!session.value && !problem.value) void readSession();
  }, []);
  return { session: session.value, problem: problem.value };
}
