import { strings } from '../strings.js';

/** Images that trainings and evaluations take. */
export type DataName = 'configured' | 'catalogue';

const { sources } = strings.train;

/** '' for the server's default. */
export const DATA_OPTIONS: readonly (readonly [DataName | '', string])[] = [
  ['', sources.default],
  ['configured', sources.configured],
  ['catalogue', sources.catalogue],
];

export function dataNameOf(text: string): DataName | '' {
  return text === 'configured' || text === 'catalogue' ? text : '';
}
