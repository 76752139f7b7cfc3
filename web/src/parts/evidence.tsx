// How a person is linked: the paths in sentences first, beside them the same as a picture, under both a strip of time.
import { useState } from 'preact/hooks';
import { when } from '../format';
import { texts, word } from '../texts';
import type { Link, NetworkWhy } from '../types';
import { Chip, Data, Panel } from './basics';
import { Graph } from './graph';
import { Reasons } from './sides';
import { Strip } from './strip';

export function Evidence({ subject, network }: { subject: string; network: NetworkWhy }) {
  const [chosen, choose] = useState<number | null>(null);
  const { links, lead } = network;
  return (
    <Panel title={texts.alert.evidence} aside={<Chip tone="network">{network.standing}</Chip>}>
      <ol class="paths">
        {links.map((link, index) => (
          <li class={index === chosen ? 'chosen' : ''}>
            <button class="plain" onClick={() => choose(index === chosen ? null : index)} aria-pressed={index === chosen}>
              <Chip tone="network">{word(link.attribute.kind)}</Chip> <Data>{link.sentence}</Data>
            </button>
            <small class="sources">{sources(link)}</small>
          </li>
        ))}
      </ol>
      {links.length > 0 && (
        <>
          <Graph subject={subject} links={links} chosen={chosen} choose={choose} />
          <Strip links={links} chosen={chosen} choose={choose} />
        </>
      )}
      {lead && (
        <>
          <h3>{texts.alert.lead}</h3>
          <ul>
            {lead.factors.map((factor) => (
              <li>
                <strong>{word(factor.family)}</strong> <Data>{factor.steps.join(' ')}</Data>
              </li>
            ))}
            {[...lead.relations, ...lead.companions].map((sentence) => (
              <li>
                <Data>{sentence}</Data>
              </li>
            ))}
          </ul>
        </>
      )}
      <Reasons title={texts.alert.stronger} reasons={network.why_not_stronger} />
      <Reasons title={texts.alert.ignored} reasons={network.ignored} />
    </Panel>
  );
}

/** Who says so, how far they are trusted, and since when we know it: of each part of a link. */
function sources(link: Link): string {
  const parts = [link.subject, link.seed, ...link.chain];
  return parts.map((part) => texts.alert.source(part.source ?? texts.alert.noSource, part.grade ?? null, when(part.known_at))).join(' · ');
}
