// The two sides of a name alert, property by property; what one side does not state is shown as not stated.
import { percent } from '../format';
import { texts, word } from '../texts';
import type { Explanation } from '../types';
import { Chip, Data, Differences, Panel } from './basics';

export function Sides({ explanation, captions }: { explanation: Explanation; captions: [string, string] }) {
  const names = explanation.names;
  return (
    <Panel title={texts.alert.why}>
      <table class="sides">
        <thead>
          <tr>
            <th scope="col">{texts.alert.property}</th>
            <th scope="col">
              {texts.alert.subject}: <Data>{captions[0]}</Data>
            </th>
            <th scope="col">
              {texts.alert.entry}: <Data>{captions[1]}</Data>
            </th>
            <th scope="col">{texts.alert.found}</th>
          </tr>
        </thead>
        <tbody>
          {names && (
            <tr>
              <th scope="row">{texts.alert.name}</th>
              <Differences left={names.subject} right={names.entry} />
              <td>
                <strong>{percent(names.score)}</strong> {names.weak && <Chip tone="unknown">{texts.alert.weak}</Chip>}
              </td>
            </tr>
          )}
          {names?.pairs.map((pair) => (
            <tr class="pair">
              <td />
              <td>
                <Part text={pair.subject} romanised={pair.subject_romanised} />
              </td>
              <td>
                <Part text={pair.entry} romanised={pair.entry_romanised} />
              </td>
              <td>
                {pair.relation} <small class="number">{percent(pair.similarity)}</small>
              </td>
            </tr>
          ))}
          {explanation.findings.map((finding) => (
            <tr>
              <th scope="row">{word(finding.property)}</th>
              <td>
                <Stated values={finding.subject} />
              </td>
              <td>
                <Stated values={finding.entry} />
              </td>
              <td>
                <Chip tone={finding.verdict}>{texts.alert[finding.verdict]}</Chip> {finding.rule}
                {finding.factor !== 1 && <small class="number"> {texts.alert.factor(percent(finding.factor))}</small>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Reasons title={texts.alert.higher} reasons={explanation.why_not_higher} />
    </Panel>
  );
}

export function Reasons({ title, reasons }: { title: string; reasons: string[] }) {
  if (reasons.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul>
        {reasons.map((reason) => (
          <li>
            <Data>{reason}</Data>
          </li>
        ))}
      </ul>
    </>
  );
}

/** A part of a name as it is written, and in Latin letters where it is written in others. */
function Part({ text, romanised }: { text: string; romanised?: string | null | undefined }) {
  return (
    <>
      <bdi dir="auto">{text}</bdi>
      {romanised && (
        <small class="romanised">
          {texts.alert.romanised} <bdi dir="ltr">{romanised}</bdi>
        </small>
      )}
    </>
  );
}

export const Stated = ({ values }: { values: string[] }) =>
  values.length ? (
    <>
      {values.map((value) => (
        <bdi dir="auto">{value}</bdi>
      ))}
    </>
  ) : (
    <em class="missing">{texts.alert.missing}</em>
  );
