// Small parts that every page uses.
import type { ComponentChildren } from 'preact';
import { changes, type Answer } from '../client';
import { differences } from '../format';
import { texts } from '../texts';

/** What was asked for, or why it is not there. While a newer answer is on its way, the old one stands dimmed. */
export function Shown<T>({ of, children }: { of: Answer<T>; children: (value: T) => ComponentChildren }) {
  if (of.value !== null) return <div class={of.waiting ? 'waiting' : ''}>{children(of.value)}</div>;
  if (of.problem)
    return (
      <p class="problem" role="alert">
        {of.problem.message} <button onClick={() => (changes.value += 1)}>{texts.again}</button>
      </p>
    );
  return <p class="quiet">{texts.loading}</p>;
}

export function Panel({ title, children, aside }: { title: string; children: ComponentChildren; aside?: ComponentChildren }) {
  return (
    <section class="panel">
      <header>
        <h2>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}

export function Chip({ tone = 'plain', children }: { tone?: string; children: ComponentChildren }) {
  return <span class={`chip ${tone}`}>{children}</span>;
}

/** Two texts under one another, with what only one of them has set apart. Each keeps its own direction of writing. */
export function Differences({ left, right }: { left: string; right: string }) {
  const [a, b] = differences(left, right);
  const line = (pieces: typeof a) => (
    <bdi dir="auto">{pieces.map((piece) => (piece.shared ? piece.text : <mark>{piece.text}</mark>))}</bdi>
  );
  return (
    <>
      <td>{line(a)}</td>
      <td>{line(b)}</td>
    </>
  );
}

/** A number with what it is. */
export function Figure({ value, label, href }: { value: ComponentChildren; label: string; href?: string }) {
  const inside = (
    <>
      <strong>{value}</strong>
      <span>{label}</span>
    </>
  );
  return href ? (
    <a class="figure" href={href}>
      {inside}
    </a>
  ) : (
    <div class="figure">{inside}</div>
  );
}
