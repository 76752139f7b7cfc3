// How dates, numbers and differences are written.
import { signal } from '@preact/signals';

/** When the store last learned something. */
export const head = signal<string | null>(null);

/** Now, as the store has it: the clock, but not before the last commit. */
export function now(): string {
  const clock = new Date().toISOString();
  return head.value !== null && head.value > clock ? head.value : clock;
}

/** The day of a time, or the time when it is not midnight. */
export function when(time: string | null | undefined): string {
  if (!time) return '';
  const [day, clock] = time.split('T');
  return clock && !clock.startsWith('00:00:00') && !clock.startsWith('23:59:59') ? `${day} ${clock.slice(0, 5)}` : (day ?? '');
}

const DAY = 86_400_000;

/** How long from one time to another: `3 d`, `5 h`. */
export function span(from: string, until: string = now()): string {
  const milliseconds = new Date(until).getTime() - new Date(from).getTime();
  const size = Math.abs(milliseconds);
  const [number, unit] = size >= DAY ? [size / DAY, 'd'] : size >= 3_600_000 ? [size / 3_600_000, 'h'] : [size / 60_000, 'min'];
  return `${milliseconds < 0 ? '−' : ''}${Math.floor(number).toLocaleString('en')} ${unit}`;
}

export const percent = (share: number): string => share.toFixed(3).replace(/0+$/, '').replace(/\.$/, '');

/** A piece of one text, and whether the other has it too. */
export interface Piece {
  text: string;
  shared: boolean;
}

/** Two texts in pieces that they share and pieces that only one has: a longest common subsequence of characters, case aside. */
export function differences(left: string, right: string): [Piece[], Piece[]] {
  const [a, b] = [[...left], [...right]];
  const same = (i: number, j: number) => a[i]?.toLocaleLowerCase() === b[j]?.toLocaleLowerCase();
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i]![j] = same(i, j) ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
  const [ofLeft, ofRight]: [Piece[], Piece[]] = [[], []];
  const add = (pieces: Piece[], text: string, shared: boolean) => {
    const last = pieces.at(-1);
    if (last && last.shared === shared) last.text += text;
    else pieces.push({ text, shared });
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && same(i, j)) {
      add(ofLeft, a[i++]!, true);
      add(ofRight, b[j++]!, true);
    } else if (j >= b.length || (i < a.length && lengths[i + 1]![j]! >= lengths[i]![j + 1]!)) add(ofLeft, a[i++]!, false);
    else add(ofRight, b[j++]!, false);
  }
  return [ofLeft, ofRight];
}
