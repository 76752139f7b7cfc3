// How to come in.
import { useState } from 'preact/hooks';
import type { Failure } from '../client';
import { logIn } from '../session';
import { texts } from '../texts';

export function Login() {
  const [wrong, say] = useState('');
  return (
    <main class="login">
      <h1>{texts.product}</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          logIn(String(form.get('account')), String(form.get('password'))).catch((error: Failure) => say(error.message));
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
