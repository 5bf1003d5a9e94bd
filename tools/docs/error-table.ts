import { ERROR_STATUS } from '../../src/fronts/http/status.js';
import { ERROR_CODES } from '../../src/platform/errors.js';
import { ERROR_MEANINGS } from './error-meanings.js';

/** The table of error codes in the order of their HTTP statuses, as Markdown. */
export function errorTable(): string {
  const codes = ERROR_CODES.toSorted((a, b) => ERROR_STATUS[a].status - ERROR_STATUS[b].status);
  return [
    '| Status | Code | Meaning | `Retry-After` |',
    '| --- | --- | --- | --- |',
    ...codes.map((code) => {
      const { status, retryAfterSeconds } = ERROR_STATUS[code];
      const retry = retryAfterSeconds === undefined ? '' : 'yes';
      return `| ${status} | \`${code}\` | ${ERROR_MEANINGS[code]} | ${retry} |`;
    }),
  ].join('\n');
}
