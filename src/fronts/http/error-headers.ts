import type { FoveaError } from '../../platform/errors.js';
import { refusalHeaders } from './limit-headers.js';
import type { Header } from './reply.js';
import { ERROR_STATUS } from './status.js';

/** Headers of an error; they are the same whatever the error style of the body.
 * @source RFC 9110, 10.2, 11.6 and 15.5.22 */
export function errorHeaders(error: FoveaError): Header[] {
  const { code, details } = error;
  const headers: Header[] = [];
  const retryAfter = details.retry_after_seconds ?? ERROR_STATUS[code].retryAfterSeconds;
  if (retryAfter !== undefined) headers.push(['Retry-After', String(retryAfter)]);
  if (code === 'unauthenticated') headers.push(['WWW-Authenticate', 'Bearer']);
  if (code === 'upgrade_required') headers.push(['Upgrade', 'websocket']);
  const { allowed_methods: allowed } = details;
  if (code === 'method_not_allowed' && Array.isArray(allowed)) headers.push(['Allow', allowed.join(', ')]);
  return [...headers, ...refusalHeaders(error)];
}
