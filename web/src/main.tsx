// The workbench: pages at addresses, one bar of time over all of them.
import { render } from 'preact';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { awaited, changes, expired, reachable, useAside } from './client';
import { head } from './format';
import { Admin } from './pages/admin';
import { AlertPage } from './pages/alert';
import { Audit } from './pages/audit';
import { Compare } from './pages/compare';
import { Lists } from './pages/lists';
import { Login } from './pages/login';
import { Overview } from './pages/overview';
import { Queue } from './pages/queue';
import { SubjectPage } from './pages/subject';
import { Export, PrintHead } from './parts/export';
import { Overlays } from './parts/keys';
import { PastNotice, TimeBar } from './parts/timebar';
import { path, to } from './route';
import { logOut, may, useSession } from './session';
import './style.css';
import { texts } from './texts';
import type { Session, Status } from './types';

/** Each page, and what somebody must be allowed so that it is offered. */
const PAGES: Record<string, { page: () => preact.JSX.Element; needs: string; listed: boolean }> = {
  queue: { page: Queue, needs: 'read', listed: true },
  alert: { page: AlertPage, needs: 'read', listed: false },
  subject: { page: SubjectPage, needs: 'read', listed: false },
  overview: { page: Overview, needs: 'figures', listed: true },
  compare: { page: Compare, needs: 'read', listed: true },
  lists: { page: Lists, needs: 'status', listed: true },
  audit: { page: Audit, needs: 'audit', listed: true },
  admin: { page: Admin, needs: 'status', listed: true },
};

/** The pages that this account may see, in order. */
export const pages = (): string[] =>
  Object.entries(PAGES)
    .filter(([, { needs, listed }]) => listed && may(needs))
    .map(([name]) => name);

/** Asks again what is shown whenever the store changed, as told by the stream of events. */
function useLive(): void {
  const allowed = may('read');
  useEffect(() => {
    if (!allowed) return;
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
  }, [allowed]);
}

function Frame({ session }: { session: Session }) {
  useLive();
  const status = useAside<Status>('/v1/status');
  head.value = status.value?.head?.known_at ?? null;
  const offered = pages();
  const name = path.value[0] ?? offered[0] ?? 'admin';
  const found = PAGES[name];
  const Page = found && may(found.needs) ? found.page : null;
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
        <a class="product" href={to('/')}>
          {texts.product}
        </a>
        <nav aria-label={texts.pagesNav}>
          {offered.map((one) => (
            <a href={to(`/${one}`)} aria-current={name === one ? 'page' : undefined}>
              {texts.pages[one as keyof typeof texts.pages]}
            </a>
          ))}
        </nav>
        <span class="who">
          <small class="commit">{status.value?.head ? texts.commit(status.value.head.seq) : '\u00a0'}</small>
          <Export status={status.value} session={session} />
          {session.account && (
            <>
              <span title={session.roles.join(', ')}>{session.account}</span>{' '}
              <button onClick={() => void logOut()}>{texts.login.leave}</button>
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
        <PrintHead />
        {Page ? <Page key={place} /> : <p class="quiet">{found ? texts.notYours : texts.noPage}</p>}
      </main>
      <Overlays pages={offered} />
    </>
  );
}

function App() {
  const { session, problem } = useSession();
  if (problem?.status === 401 || expired.value) return <Login />;
  if (session) return <Frame session={session} />;
  return <p class="problem">{problem?.message ?? ''}</p>;
}

render(<App />, document.getElementById('app')!);
