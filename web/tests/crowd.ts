// A store of a hundred thousand alerts: everybody had one facilitator's telephone and a bed in his house.
import { Served } from './served';

export const CROWD = 100_000;

const SYLLABLES = ['ba', 'ko', 'ri', 'ma', 'tel', 'vu', 'san', 'dor', 'pi', 'lem'];

/** Invented, and unlike any other. */
function name(number: number): string {
  const digits = [...String(number).padStart(5, '0')].map(Number);
  const word = (places: number[]) => places.map((place) => SYLLABLES[digits[place]!]).join('');
  const upper = (text: string) => text[0]!.toUpperCase() + text.slice(1);
  return `${upper(word([4, 2]))} ${upper(word([0, 3, 1]))}`;
}

/** The store, ready to be served. */
export function crowded(): Served {
  const served = Served.fresh();
  const known_at = '2031-01-01T00:00:00Z';
  const put = (kind: string, fields: object) => ({ known_at, op: 'put', kind, ...fields });
  const entity = (dataset: string, id: string, schema: string, properties: object) => put('entity', { dataset, entity: { id, schema, properties }, source: dataset });
  const had = (subject: string, relation: string, kind: string, value: string, n = '') =>
    put('observation', { id: `O-${subject}-${kind}${n}`, subject, relation, attribute: { kind, value }, valid_from: '2030-05-01', valid_to: '2030-05-09', source: 'gate', grade: 'B2' });
  const lines: object[] = [
    put('dataset', { name: 'people', role: 'population' }),
    put('dataset', { name: 'groups', role: 'list' }),
    entity('groups', 'G', 'Organization', { name: ['Ninth Tide'], topics: ['crime.terror'] }),
    entity('groups', 'F', 'Person', { name: ['Quorvane Zzyzx'], topics: ['poi'] }),
    entity('groups', 'R', 'Membership', { member: ['F'], organization: ['G'] }),
    had('F', 'operated', 'phone', '+9991'),
    had('F', 'operated', 'address', 'Tar Lane 1'),
  ];
  for (let number = 0; number < CROWD; number++) {
    const id = `P-${String(number).padStart(6, '0')}`;
    lines.push(entity('people', id, 'Person', { name: [name(number)] }), had(id, 'used', 'phone', '+9991'), had(id, 'used', 'address', 'Tar Lane 1'));
  }
  served.run('init');
  served.ingest(lines);
  return served;
}
