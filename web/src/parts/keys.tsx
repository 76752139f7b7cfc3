// Keys that do something on a page, the list of them, and the palette that goes anywhere.
import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { go, to } from '../route';
import { texts } from '../texts';

const typing = (target: EventTarget | null) =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;

/** Calls what stands for a key while nobody is typing. */
export function useKeys(keys: Record<string, () => void>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      const act = latest.current[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}

const open = signal<'keys' | 'palette' | null>(null);

/** The palette and the list of keys, each over the page. */
export function Overlays() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        open.value = 'palette';
      } else if (event.key === '?' && !typing(event.target)) open.value = 'keys';
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  useEffect(() => {
    if (open.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open.value]);
  return (
    <dialog ref={dialog} onClose={() => (open.value = null)} aria-label={open.value === 'keys' ? texts.keys.title : 'Go to'}>
      {open.value === 'keys' && (
        <dl class="keys">
          {texts.keys.list.map(([key, what]) => (
            <div>
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      )}
      {open.value === 'palette' && <Palette />}
    </dialog>
  );
}

function Palette() {
  const places = Object.entries(texts.pages).filter(([page]) => !['alert', 'subject'].includes(page));
  const leave = (address: string) => {
    open.value = null;
    go(to(address));
  };
  return (
    <form
      class="palette"
      onSubmit={(event) => {
        event.preventDefault();
        const text = (new FormData(event.currentTarget).get('what') as string).trim();
        const page = places.find(([, name]) => name.toLowerCase().startsWith(text.toLowerCase()));
        if (!text) return;
        if (page) leave(`/${page[0]}`);
        else if (/^[0-9a-f]{6,32}$/.test(text)) leave(`/alert/${text}`);
        else leave(`/subject/${encodeURIComponent(text)}`);
      }}
    >
      <input name="what" list="places" placeholder="Page, alert or person" aria-label="Page, alert or person" autoFocus />
      <datalist id="places">
        {places.map(([, name]) => (
          <option value={name} />
        ))}
      </datalist>
    </form>
  );
}
