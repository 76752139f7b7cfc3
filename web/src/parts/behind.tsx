// Whom a figure counts: the ids behind a number, as known at the time of the view.
import { useAnswer } from '../client';
import { having, known } from '../route';
import { texts, word } from '../texts';
import type { Behind } from '../types';
import { Panel, Shown, Subject, Table } from './basics';

const SHOWN_MOST = 500;

export function BehindPanel({ figure }: { figure: string }) {
  const answer = useAnswer<{ behind: Behind[] }>(`/v1/figures/${encodeURIComponent(figure)}`, { known_at: known.value });
  return (
    <Panel title={texts.overview.behind(word(figure))} id="behind" aside={<a href={having({ behind: null })}>{texts.close}</a>}>
      <Shown of={answer}>
        {({ behind }) => (
          <>
            <p class="quiet">{texts.some(Math.min(SHOWN_MOST, behind.length), behind.length)}</p>
            <Table
              columns={texts.overview.behindColumns}
              numbers={[3]}
              rows={behind.slice(0, SHOWN_MOST).map((one) => [
                <Subject id={one.subject} />,
                one.group ? word(one.group) : '',
                one.event ?? '',
                one.days?.toLocaleString('en') ?? '',
              ])}
            />
          </>
        )}
      </Shown>
    </Panel>
  );
}
