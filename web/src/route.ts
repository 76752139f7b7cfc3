// The address bar is the state of a view: which page, which query, and the two times. Everything that can be shown can be linked to.
import { computed, signal } from '@preact/signals';

const here = signal(new URL(location.href));

/** The parts of the path: `/alert/3f9c1a` is `['alert', '3f9c1a']`. */
export const path = computed(() => here.value.pathname.split('/').filter(Boolean).map(decodeURIComponent));
/** What stands after the question mark. */
export const query = computed(() => here.value.searchParams);
/** As known at; `null` is now. */
export const known = computed(() => query.value.get('known'));
/** As true in the world by; `null` is whenever. */
export const happened = computed(() => query.value.get('happened'));
/** The time to compare with, if two are compared. */
export const compared = computed(() => query.value.get('with'));

const TIMES = ['known', 'happened', 'with'];

/** The address of another page at the same two times. */
export function to(page: string, more: Record<string, string | undefined> = {}): string {
  const url = new URL(page, location.origin);
  for (const name of TIMES) {
    const value = query.value.get(name);
    if (value && !url.searchParams.has(name)) url.searchParams.set(name, value);
  }
  for (const [name, value] of Object.entries(more)) if (value) url.searchParams.set(name, value);
  return url.pathname + url.search;
}

/** The address of this page with other parameters; an empty one is left out. */
export function having(changes: Record<string, string | null | undefined>): string {
  const url = new URL(here.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  return url.pathname + url.search;
}

/** Goes somewhere; `replace` leaves no step to go back to. */
export function go(address: string, how: 'push' | 'replace' = 'push'): void {
  const url = new URL(address, location.origin);
  if (url.href === here.value.href) return;
  history[how === 'push' ? 'pushState' : 'replaceState'](null, '', url);
  here.value = url;
}

addEventListener('popstate', () => (here.value = new URL(location.href)));
addEventListener('click', (event) => {
  const link = (event.target as Element | null)?.closest?.('a');
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !plain || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (link.pathname.startsWith('/v1/')) return;
  event.preventDefault();
  go(link.href);
});
