import { FoveaError } from './errors.js';

/** Values of a part's Content-Transfer-Encoding, which mail libraries write into forms.
 * @source RFC 7578, 4.7 */
const ENCODINGS = ['7bit', '8bit', 'binary', 'base64'];

/** @param encoding lower case
 * @returns the refusal of an encoding that is not read; undefined for the others */
export function encodingProblem(encoding: string): FoveaError | undefined {
  if (ENCODINGS.includes(encoding)) return undefined;
  const message = `A part of the form has another Content-Transfer-Encoding than ${ENCODINGS.join(', ')}.`;
  return new FoveaError('bad_request', message);
}

/** Decodes base64 as it comes; line breaks are skipped. */
export async function* decodeBase64(text: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = '';
  for await (const chunk of text) {
    rest += chunk.toString('latin1').replace(/\s+/g, '');
    // Four characters are three bytes.
    const whole = rest.length - (rest.length % 4);
    yield Buffer.from(rest.slice(0, whole), 'base64');
    rest = rest.slice(whole);
  }
  yield Buffer.from(rest, 'base64');
}
