import { FoveaError } from '../../platform/errors.js';

/** @param text '' or undefined: no version was named
 * @throws FoveaError `bad_request` */
export function versionOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new FoveaError('bad_request', `A version is a whole number, not "${text.slice(0, 32)}".`);
}
