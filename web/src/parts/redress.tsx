// Requests for redress: somebody asks to be put right; who decided nothing about them before grants or refuses it, with a reason. What is
// wrong among the observations is named, and is retracted with the grant.
import { useState } from 'preact/hooks';
import { send } from '../client';
import { when } from '../format';
import { known } from '../route';
import { may } from '../session';
import { texts } from '../texts';
import type { Link, RedressRequest, Redressed, SubjectCase } from '../types';
import { Chip, Data, Dialog, Panel, useActs } from './basics';

export function Redress({ subject, standing, links }: { subject: string; standing: SubjectCase; links: Link[] }) {
  const { busy, act, said } = useActs();
  const [asking, ask] = useState(false);
  const [deciding, decide] = useState<{ request: RedressRequest; how: 'grant' | 'refuse' } | null>(null);
  const now = known.value === null;
  const request = (ground: string) =>
    act(() => send(`/v1/subjects/${encodeURIComponent(subject)}/decisions`, { decision: { act: 'request_redress', ground } }), texts.redress.recorded);
  return (
    <Panel
      title={texts.redress.title}
      id="redress"
      aside={now && may('request_redress') && <button onClick={() => ask(true)}>{texts.redress.request}</button>}
    >
      {standing.redress.length === 0 && <p class="quiet">{texts.redress.none}</p>}
      <ul class="plainlist">
        {standing.redress.map((one) => (
          <li>
            <Chip tone={OUTCOMES[one.outcome]}>{texts.redress.outcomes[one.outcome]}</Chip> <Data>{one.what.ground}</Data>{' '}
            <small>{texts.redress.by(one.by, when(one.known_at))}</small>
            {one.closed && <small> {texts.redress.closed(one.closed[0], when(one.closed[1]))}</small>}
            {one.outcome === 'open' && now && may('decide_redress') && (
              <span class="others">
                <button disabled={busy} onClick={() => decide({ request: one, how: 'grant' })}>
                  {texts.redress.grant}
                </button>
                <button disabled={busy} onClick={() => decide({ request: one, how: 'refuse' })}>
                  {texts.redress.refuse}
                </button>
              </span>
            )}
          </li>
        ))}
      </ul>
      {said}
      {asking && (
        <Dialog title={texts.redress.request} close={() => ask(false)}>
          <form
            class="decide"
            onSubmit={(event) => {
              event.preventDefault();
              void request(String(new FormData(event.currentTarget).get('ground')).trim());
              ask(false);
            }}
          >
            <label>
              {texts.redress.ground}
              <textarea name="ground" rows={3} required />
            </label>
            <div class="others">
              <button class="primary">{texts.redress.record}</button>
              <button type="button" onClick={() => ask(false)}>
                {texts.confirm.no}
              </button>
            </div>
          </form>
        </Dialog>
      )}
      {deciding && (
        <Deciding
          {...deciding}
          links={links}
          close={() => decide(null)}
          sure={(note, retract) =>
            void (deciding.how === 'grant'
              ? act(
                  () => send<Redressed>(`/v1/redress/${encodeURIComponent(deciding.request.id)}/grant`, { note, retract }),
                  (done) => texts.redress.granted(done.withdrawn.length, [...new Set(done.recipients.map((one) => one.account))]),
                )
              : act(() => send(`/v1/redress/${encodeURIComponent(deciding.request.id)}/refuse`, { note }), texts.redress.refused))
          }
        />
      )}
    </Panel>
  );
}

const OUTCOMES = { open: 'unknown', agreed: 'same', rejected: 'different' } as const;

function Deciding(props: {
  request: RedressRequest;
  how: 'grant' | 'refuse';
  links: Link[];
  close: () => void;
  sure: (note: string, retract: string[]) => void;
}) {
  const title = props.how === 'grant' ? texts.redress.grant : texts.redress.refuse;
  return (
    <Dialog title={title} close={props.close}>
      <form
        class="decide"
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          props.sure(String(form.get('note')).trim(), form.getAll('retract').map(String));
          props.close();
        }}
      >
        <p>
          <Data>{props.request.what.ground}</Data>
        </p>
        <p class="quiet">{props.how === 'grant' ? texts.redress.grantWhat : texts.redress.refuseWhat}</p>
        {props.how === 'grant' && props.links.length > 0 && (
          <fieldset>
            <legend>{texts.redress.wrong}</legend>
            {[...new Map(props.links.map((link) => [link.subject.id, link])).values()].map((link) => (
              <label>
                <input type="checkbox" name="retract" value={link.subject.id} /> <Data>{link.sentence}</Data>
              </label>
            ))}
          </fieldset>
        )}
        <label>
          {texts.confirm.reason}
          <textarea name="note" rows={3} required />
        </label>
        <div class="others">
          <button class="primary">{title}</button>
          <button type="button" onClick={props.close}>
            {texts.confirm.no}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
