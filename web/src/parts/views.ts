// Saved views of the queue: names for queries, kept in this browser. The text of a view is what the address has after its path.
import { signal } from '@preact/signals';

export interface View {
  name: string;
  query: string;
}

const PLACE = 'lookback.views';
const MOST = 12;

function read(): View[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PLACE) ?? '[]');
    return Array.isArray(kept) ? kept.filter((one): one is View => typeof one?.name === 'string' && typeof one?.query === 'string') : [];
  } catch {
    return [];
  }
}

const views = signal(read());

function set(next: View[]): void {
  views.value = next;
  try {
    localStorage.setItem(PLACE, JSON.stringify(next));
  } catch {
    // A browser that keeps nothing has the views while the page is open.
  }
}

export function keep(name: string, query: string): void {
  set([...views.value.filter((one) => one.name !== name), { name, query }].slice(-MOST));
}

export const useViews = () => ({
  views: views.value,
  drop: (name: string) => set(views.value.filter((one) => one.name !== name)),
});
