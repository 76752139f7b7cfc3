// Who is here, and how to come in.
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { Problem, csrf, expired, forget, get, send } from '../client';
import { texts } from '../texts';
import type { Session } from '../types';

const session = signal<Session | null>(null);
const problem = signal<Problem | null>(null);

async function read(): Promise<void> {
  try {
    session.value = await get<Session>('/v1/session');
    csrf.value = session.value.csrf_token ?? null;
    problem.value = null;
    expired.value = false;
  } catch (error) {
    problem.value = error as Problem;
  }
}

export function useSession() {
  useEffect(() => {
    if (!session.value && !problem.value) void read();
  }, []);
  const leave = async () => {
    await send('/v1/session', {}, 'DELETE').catch(() => undefined);
    session.value = null;
    forget();
    await read();
  };
  return { session: session.value, problem: problem.value, leave };
}

export function Login() {
  const [wrong, say] = useState('');
  return (
    <main class="login">
      <h1>{texts.product}</h1>
      <form
        onSubmit={async (event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          try {
            await send('/v1/session', { account: form.get('account'), password: form.get('password') });
            forget();
            await read();
          } catch (error) {
            say((error as Problem).message);
          }
        }}
      >
        <label>
          {texts.login.account} <input name="account" autocomplete="username" required autoFocus />
        </label>
        <label>
          {texts.login.password} <input name="password" type="password" autocomplete="current-password" required />
        </label>
        {wrong && (
          <p class="problem" role="alert">
            {wrong}
          </p>
        )}
        <button class="primary">{texts.login.enter}</button>
      </form>
    </main>
  );
}
