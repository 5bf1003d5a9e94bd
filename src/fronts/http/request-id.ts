import { randomUuid } from '../../platform/uuids.js';

const SANE = /^[A-Za-z0-9._:-]{1,128}$/;

/** The client's id where it is safe in logs and headers, else a new one. */
export function chooseRequestId(header: string): string {
  return header !== '' && SANE.test(header) ? header : randomUuid();
}
