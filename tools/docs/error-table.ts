import { ERROR_STATUS } from '../../src/fronts/http/status.js';
import { ERROR_CODES } from '../../src/platform/errors.js';

/** The table of error codes by HTTP status, as Markdown. */
export function errorTable(): string {
  const codesOf = new Map<number, string[]>();
  for (const code of ERROR_CODES) {
    const { status, retryAfterSeconds } = ERROR_STATUS[code];
    const shown = retryAfterSeconds === undefined ? `\`${code}\`` : `\`${code}\` (with \`Retry-After\`)`;
    codesOf.set(status, [...(codesOf.get(status) ?? []), shown]);
  }
  const statuses = [...codesOf.keys()].toSorted((a, b) => a - b);
  return [
    '| Status | Codes |',
    '| --- | --- |',
    ...statuses.map((status) => `| ${status} | ${codesOf.get(status)?.join(', ')} |`),
  ].join('\n');
}
