// A section of the report, asked for when it is opened: the report counts everything, which takes longer than the rest of the page.
import { useState } from 'preact/hooks';
import { useAnswer } from '../client';
import { known } from '../route';
import { texts } from '../texts';
import type { Report } from '../types';
import { Data, Panel, Shown, Table } from './basics';

export function ReportSection({ name, title }: { name: string; title: string }) {
  const [wanted, want] = useState(false);
  const report = useAnswer<Report>(wanted ? '/v1/report' : null, { known_at: known.value, format: 'json' });
  return (
    <Panel title={title} aside={wanted ? null : <button onClick={() => want(true)}>{texts.count}</button>}>
      {wanted && (
        <Shown of={report}>
          {(report) => (
            <>
              {report.sections
                .filter((section) => section.name === name)
                .flatMap((section) => section.blocks)
                .map((block) => {
                  if ('text' in block) return <p>{block.text}</p>;
                  if ('points' in block) return <ul>{block.points.map((point) => <li>{point}</li>)}</ul>;
                  if (!('table' in block)) return null;
                  return (
                    <>
                      <h3>{block.table.title}</h3>
                      <Table columns={block.table.columns} rows={block.table.rows.map((row) => row.cells.map((cell) => <Data>{cell === null ? '–' : String(cell)}</Data>))} />
                    </>
                  );
                })}
              <small>{texts.overview.ofReport(report.as_of, report.digest.slice(0, 12))}</small>
            </>
          )}
        </Shown>
      )}
    </Panel>
  );
}
