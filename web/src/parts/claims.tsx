// What others said in numbers, each held against our number of its day, and whom that counts.
import { useAnswer } from '../client';
import { having, known } from '../route';
import { may } from '../session';
import { texts } from '../texts';
import type { Claims as Answer } from '../types';
import { Chip, Data, Panel, Shown, Table } from './basics';

export function Claims() {
  const claims = useAnswer<Answer>('/v1/claims', { known_at: known.value });
  return (
    <Panel title={texts.overview.claims}>
      <Shown of={claims}>
        {({ claims }) => (
          <Table
            columns={texts.overview.claimColumns}
            rows={claims.map((claim) => [
              <>
                <Data>{claim.text ?? claim.id}</Data>
                {claim.contested_by.length > 0 && <small> {texts.overview.contested(claim.contested_by.join(', '))}</small>}
              </>,
              <Data>{[claim.said_by, claim.outlet].filter(Boolean).join(', ')}</Data>,
              `${claim.comparison ?? ''} ${claim.value ?? ''}`,
              <>
                {claim.metric && may('explain_figures') ? (
                  <a href={having({ known: claim.as_of.slice(0, 10), behind: claim.metric })}>{claim.actual ?? '–'}</a>
                ) : (
                  (claim.actual ?? '–')
                )}{' '}
                <small>{texts.overview.on(claim.as_of.slice(0, 10))}</small>
              </>,
              <Chip tone={claim.verdict.replaceAll(' ', '_')}>{claim.verdict}</Chip>,
            ])}
          />
        )}
      </Shown>
    </Panel>
  );
}
