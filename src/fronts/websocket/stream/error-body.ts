import type { Failed } from './codec.js';

/** The JSON of an error: the fields of an HTTP error body. */
export function errorBody({ error, requestId }: Omit<Failed, 'id'>) {
  const { message, code, details } = error;
  return { error: message, code, details, request_id: requestId ?? null };
}
