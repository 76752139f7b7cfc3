// The workbench: pages at addresses, one bar of time over all of them.
import { render } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { awaited, changes, expired, head, reachable, useAside } from './client';
import { AlertPage } from './pages/alert';
import { Compare } from './pages/compare';
import { Login, useSession } from './pages/login';
import { Overview } from './pages/overview';
import { Queue } from './pages/queue';
import { SubjectPage } from './pages/subject';
import { Admin, Audit, Lists } from './pages/office';
import { Export } from './parts/export';
import { Overlays } from './parts/keys';
import { PastNotice, TimeBar } from './parts/timebar';
import { path, to } from './route';
import './style.css';
import { texts } from './texts';
import type { Status } from './types';

const PAGES: Record<string, () => preact.JSX.Element> = {
  queue: Queue,
  alert: AlertPage,
  subject: SubjectPage,
  overview: Overview,
  compare: Compare,
  lists: Lists,
  audit: Audit,
  admin: Admin,
};

/** Asks again what is shown whenever the store changed, as told by the stream of events. */
function useLive(): void {
  useEffect(() => {
    const events = new EventSource('/v1/events');
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      clearTimeout(timer);
      timer = setTimeout(() => (changes.value += 1), 200);
    };
    events.onopen = () => {
      if (!reachable.value) changed();
      reachable.value = true;
    };
    // The stream also ends when nothing is wrong, so that it is asked what happened.
    events.onerror = () => void fetch('/healthz').catch(() => (reachable.value = false));
    for (const kind of ['message', 'alert', 'case', 'commit']) events.addEventListener(kind, changed);
    return () => {
      clearTimeout(timer);
      events.close();
    };
  }, []);
}

function Frame() {
  useLive();
  const { session, leave } = useSession();
  const status = useAside<Status>('/v1/status');
  const page = path.value[0] ?? 'queue';
  useEffect(() => {
    if (status.value?.head) head.value = Date.parse(status.value.head.known_at);
  }, [status.value]);
  const Page = PAGES[page] ?? Queue;
  const place = path.value.join('/');
  const [shown, show] = useState<string | null>(null);
  const missing = awaited.value;
  useLayoutEffect(() => {
    if (awaited.value === 0) show(place);
  }, [missing, place]);
  const whole = shown === place;
  return (
    <>
      <a class="skip" href="#page">
        {texts.skip}
      </a>
      <header class="top">
        <a class="product" href={to('/queue')}>
          {texts.product}
        </a>
        <nav aria-label="Pages">
          {(['queue', 'overview', 'compare', 'lists', 'audit', 'admin'] as const).map((name) => (
            <a href={to(`/${name}`)} aria-current={page === name ? 'page' : undefined}>
              {texts.pages[name]}
            </a>
          ))}
        </nav>
        <span class="who">
          <small class="commit">{status.value?.head ? `commit ${status.value.head.seq}` : '\u00a0'}</small>{' '}
          <Export status={status.value} who={session?.account ?? null} />
          {session?.account && (
            <>
              {session.account} <button onClick={leave}>{texts.login.leave}</button>
            </>
          )}
        </span>
      </header>
      <TimeBar />
      {!reachable.value && (
        <p class="problem notice" role="alert">
          {texts.unreachable}
        </p>
      )}
      <PastNotice />
      {!whole && <p class="quiet asking">{texts.loading}</p>}
      <main id="page" tabIndex={-1} class={whole ? undefined : 'coming'}>
        <Page key={place} />
      </main>
      <Overlays />
    </>
  );
}

function App() {
  const { session, problem } = useSession();
  // Before it is known who is here, nothing is asked for that they might not see.
  if (!session && !problem) return null;
  return problem?.status === 401 || expired.value ? <Login /> : <Frame />;
}

render(<App />, document.getElementById('app')!);
