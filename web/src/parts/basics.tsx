// Small parts that every page uses.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { changes, type Answer, type Failure } from '../client';
import { differences } from '../format';
import { to } from '../route';
import { texts, word } from '../texts';

/** What was asked for, or why it is not there. While a newer answer is on its way, the old one stands. */
export function Shown<T>({ of, children }: { of: Answer<T>; children: (value: T) => ComponentChildren }) {
  if (of.value !== null) return <div class={of.waiting ? 'waiting' : ''}>{children(of.value)}</div>;
  if (of.problem)
    return (
      <p class="problem" role="alert">
        {of.problem.message} <button onClick={() => (changes.value += 1)}>{texts.again}</button>
      </p>
    );
  return <p class="quiet loading">{texts.loading}</p>;
}

export function Panel({ title, id, children, aside }: { title: string; id?: string; children: ComponentChildren; aside?: ComponentChildren }) {
  return (
    <section class="panel" id={id}>
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

export const Nothing = () => <p class="quiet">{texts.nothing}</p>;

/** Rows under headings; a table without rows says that nothing is there. */
export function Table({ columns, rows, numbers = [] }: { columns: readonly string[]; rows: ComponentChildren[][]; numbers?: number[] }) {
  if (rows.length === 0) return <Nothing />;
  return (
    <table>
      <thead>
        <tr>
          {columns.map((column, index) => (
            <th scope="col" class={numbers.includes(index) ? 'number' : undefined}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            {row.map((cell, index) => (
              <td class={numbers.includes(index) ? 'number' : undefined}>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A text of the data in its own direction of writing. */
export const Data = ({ children }: { children: string }) => <bdi dir="auto">{children}</bdi>;

/** Two texts under one another, with what only one of them has set apart. Each keeps its own direction of writing. */
export function Differences({ left, right }: { left: string; right: string }) {
  const [a, b] = differences(left, right);
  // Of two scripts every letter differs: the parts below say what was taken for what.
  const alike = a.some((piece) => piece.shared && /\p{L}/u.test(piece.text));
  const line = (pieces: typeof a) => (
    <bdi dir="auto">{alike ? pieces.map((piece) => (piece.shared ? piece.text : <mark>{piece.text}</mark>)) : pieces.map((piece) => piece.text)}</bdi>
  );
  return (
    <>
      <td>{line(a)}</td>
      <td>{line(b)}</td>
    </>
  );
}

/** A number with what it is, and what it counts. */
export function Figure({ value, label, title, href }: { value: ComponentChildren; label: string; title?: string; href?: string }) {
  const inside = (
    <>
      <strong>{value}</strong>
      <span>{label}</span>
      {title && <small>{title}</small>}
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

/** Bars of one measure, each with its number; a bar may lead to whom it counts. */
export function Bars({ values, href }: { values: [string, number][]; href?: (name: string) => string | undefined }) {
  const most = Math.max(1, ...values.map(([, value]) => value));
  return (
    <table class="bars">
      <tbody>
        {values.map(([name, value]) => {
          const address = href?.(name);
          return (
            <tr>
              <th scope="row">{address ? <a href={address}>{word(name)}</a> : word(name)}</th>
              <td>
                <meter min={0} max={most} value={value} aria-label={word(name)} />
              </td>
              <td class="number">{value.toLocaleString('en')}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export const Subject = ({ id, caption }: { id: string; caption?: string | null | undefined }) => (
  <a href={to(`/subject/${encodeURIComponent(id)}`)}>
    {caption ? (
      <>
        <Data>{caption}</Data> <small>{id}</small>
      </>
    ) : (
      id
    )}
  </a>
);

/** A window over the page; Escape and what closes it give the page back. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} onClose={close} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </dialog>
  );
}

/** Asks once more, for a reason, before something that is hard to take back. */
export function Confirm(props: {
  title: string;
  what: string;
  reason: 'needed' | 'none';
  close: () => void;
  sure: (reason: string) => void;
}) {
  const [reason, because] = useState('');
  return (
    <Dialog title={props.title} close={props.close}>
      <form
        class="decide"
        onSubmit={(event) => {
          event.preventDefault();
          props.sure(reason.trim());
          props.close();
        }}
      >
        <p>{props.what}</p>
        {props.reason === 'needed' && (
          <label>
            {texts.confirm.reason}
            <textarea rows={3} required value={reason} onInput={(event) => because(event.currentTarget.value)} />
          </label>
        )}
        <div class="others">
          <button class="primary" disabled={props.reason === 'needed' && !reason.trim()}>
            {props.title}
          </button>
          <button type="button" onClick={props.close}>
            {texts.confirm.no}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** Does something, and says how it went: what a page keeps of it while it is open. */
export function useActs() {
  const [busy, work] = useState(false);
  const [said, say] = useState<{ tone: 'good' | 'problem'; text: string } | null>(null);
  const act = async <T,>(doing: () => Promise<T>, done: string | ((answer: T) => string)): Promise<T | null> => {
    work(true);
    say(null);
    try {
      const answer = await doing();
      say({ tone: 'good', text: typeof done === 'string' ? done : done(answer) });
      return answer;
    } catch (error) {
      const failure = error as Failure;
      say({ tone: 'problem', text: failure.status === 409 ? `${failure.message} ${texts.conflict}` : failure.message });
      if (failure.status === 409) changes.value += 1;
      return null;
    } finally {
      work(false);
    }
  };
  return { busy, act, said: said && <p class={said.tone} role="status">{said.text}</p>, forget: () => say(null) };
}
