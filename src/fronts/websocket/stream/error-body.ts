import { ERROR_STATUS } from '../../http/status.js';
import type { Failed } from './codec.js';

/** The JSON of an error: the fields of an HTTP error body, and its status. */
export function errorBody({ error, requestId }: Omit<Failed, 'id'>) {
  const { message, code, details } = error;
  return { status: ERROR_STATUS[code].status, error: message, code, details, request_id: requestId ?? null };
}
