// Keys that do something on a page, the list of them, and the palette that goes anywhere.
import { signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { go, to } from '../route';
import { texts } from '../texts';
import { Dialog } from './basics';
import { useViews, type View } from './views';

const typing = (target: EventTarget | null) =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;

/** Calls what stands for a key while nobody is typing. */
export function useKeys(keys: Record<string, () => void>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const control = event.key === 'Enter' && (event.target as Element | null)?.closest?.('a, button, summary');
      if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || control || document.querySelector('dialog[open]')) return;
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
export function Overlays({ pages }: { pages: string[] }) {
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
  const close = () => (open.value = null);
  if (open.value === 'keys')
    return (
      <Dialog title={texts.keys.title} close={close}>
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
      </Dialog>
    );
  return open.value === 'palette' ? (
    <Dialog title={texts.palette.title} close={close}>
      <Palette pages={pages} close={close} />
    </Dialog>
  ) : null;
}

interface Place {
  name: string;
  hint: string;
  address: string;
}

/** Where the text may lead: pages and saved views by name; an alert or a person by id. */
function places(text: string, pages: string[], views: View[]): Place[] {
  const said = text.trim();
  const fits = (place: Place) => place.name.toLocaleLowerCase().includes(said.toLocaleLowerCase());
  const listed = [
    ...pages.map((page) => ({ name: texts.pages[page as keyof typeof texts.pages], hint: texts.palette.page, address: to(`/${page}`) })),
    ...views.map((view) => ({ name: view.name, hint: texts.palette.view, address: to(`/queue${view.query}`) })),
  ].filter(fits);
  if (!said) return listed;
  const alert = /^[0-9a-f]{6,32}$/.test(said) ? [{ name: said, hint: texts.palette.alert, address: to(`/alert/${said}`) }] : [];
  return [...listed, ...alert, { name: said, hint: texts.palette.subject, address: to(`/subject/${encodeURIComponent(said)}`) }];
}

function Palette({ pages, close }: { pages: string[]; close: () => void }) {
  const [text, write] = useState('');
  const [at, choose] = useState(0);
  const { views } = useViews();
  const found = places(text, pages, views);
  const leave = (place: Place | undefined) => {
    if (!place) return;
    close();
    go(place.address);
  };
  return (
    <form
      class="palette"
      onSubmit={(event) => {
        event.preventDefault();
        leave(found[at] ?? found[0]);
      }}
      onKeyDown={(event) => {
        const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        if (by === undefined) return;
        event.preventDefault();
        choose((at + by + found.length) % Math.max(1, found.length));
      }}
    >
      <input
        name="what"
        value={text}
        role="combobox"
        aria-expanded="true"
        aria-controls="places"
        aria-activedescendant={`place-${at}`}
        placeholder={texts.palette.where}
        aria-label={texts.palette.where}
        autocomplete="off"
        autoFocus
        onInput={(event) => (write(event.currentTarget.value), choose(0))}
      />
      <ul id="places" role="listbox" aria-label={texts.palette.title}>
        {found.map((place, index) => (
          <li id={`place-${index}`} role="option" aria-selected={index === at} class={index === at ? 'chosen' : ''} onClick={() => leave(place)}>
            <bdi dir="auto">{place.name}</bdi> <small>{place.hint}</small>
          </li>
        ))}
      </ul>
    </form>
  );
}
