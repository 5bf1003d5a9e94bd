import { FoveaError } from '../../platform/errors.js';

/** One field of a form. `bytes` is a view of the body, except for base64, which is decoded. */
export interface Part {
  readonly name: string;
  readonly fileName: string | undefined;
  /** The part's Content-Type, lower case, without parameters. */
  readonly mediaType: string | undefined;
  readonly bytes: Buffer;
}

const HEADERS_END = Buffer.from('\r\n\r\n');
/** Room for two names of 255 characters, in any encoding. */
const MAX_PART_HEADER_BYTES = 4096;
const MAX_NAME_CHARACTERS = 255;
/** @source RFC 2046, 5.1.1 */
const MAX_BOUNDARY_CHARACTERS = 70;
const PARAMETER = /;\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g;
const DASH = 0x2d;

function malformed(reason: string): FoveaError {
  return new FoveaError('bad_request', `The multipart body is malformed: ${reason}`);
}

/** The parameters of a header, such as `name` and `filename`, unquoted. */
function readParameters(header: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  PARAMETER.lastIndex = 0;
  for (let match = PARAMETER.exec(header); match !== null; match = PARAMETER.exec(header)) {
    const [, key = '', quoted, token = ''] = match;
    parameters.set(key.toLowerCase(), quoted === undefined ? token : quoted.replace(/\\(["\\])/g, '$1'));
  }
  return parameters;
}

/** Header values by lower-case name; invalid UTF-8 becomes U+FFFD. */
function readHeaders(bytes: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of bytes.toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

/** The value of a parameter such as `filename*=UTF-8''na%C3%AFve.png`.
 * @returns undefined when it is absent or malformed: `filename` counts then
 * @source RFC 8187, 3.2 */
function extendedValue(text: string | undefined): string | undefined {
  const [, charset = '', encoded = ''] = /^([\w-]+)'[^']*'(.*)$/.exec(text ?? '') ?? [];
  try {
    if (charset.toLowerCase() === 'utf-8') return decodeURIComponent(encoded);
    if (charset.toLowerCase() === 'iso-8859-1') {
      return encoded.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      );
    }
  } catch {
    // Malformed percent encoding.
  }
  return undefined;
}

/** Undoes the part's Content-Transfer-Encoding, which mail libraries write into forms.
 * @source RFC 7578, 4.7; RFC 2045, 6 */
function decodeContent(bytes: Buffer, headers: ReadonlyMap<string, string>): Buffer {
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase() ?? 'binary';
  if (encoding === 'base64') return Buffer.from(bytes.toString('latin1'), 'base64');
  if (['binary', '8bit', '7bit'].includes(encoding)) return bytes;
  throw malformed('a part has a Content-Transfer-Encoding other than binary, 8bit, 7bit and base64.');
}

function describePart(headerBytes: Buffer, bytes: Buffer): Part {
  const headers = readHeaders(headerBytes);
  const parameters = readParameters(headers.get('content-disposition') ?? '');
  const name = parameters.get('name');
  const fileName = extendedValue(parameters.get('filename*')) ?? parameters.get('filename');
  if (name === undefined) throw malformed('a part has no name.');
  if (name.length > MAX_NAME_CHARACTERS || (fileName ?? '').length > MAX_NAME_CHARACTERS) {
    throw malformed(`a name has more than ${MAX_NAME_CHARACTERS} characters.`);
  }
  const mediaType = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  return { name, fileName, mediaType, bytes: decodeContent(bytes, headers) };
}

function readBoundary(contentType: string): string {
  const boundary = readParameters(contentType).get('boundary');
  if (boundary === undefined || boundary.length > MAX_BOUNDARY_CHARACTERS) {
    throw malformed('Content-Type has no usable boundary.');
  }
  return boundary;
}

/** Offset of the first part's headers, after an optional preamble. */
function findFirstPart(body: Buffer, delimiter: Buffer): number {
  const opening = delimiter.subarray(2);
  if (body.subarray(0, opening.length).equals(opening)) return opening.length;
  const index = body.indexOf(delimiter);
  if (index < 0) throw malformed('its boundary does not occur.');
  return index + delimiter.length;
}

/**
 * Splits a form that lies in memory, without copying it.
 *
 * uWebSockets.js' `getParts` is not used, because it drops the last part of a truncated body without an error, returns
 * nothing for file names with escaped quotes, and its parts point into memory that may be freed.
 * @param contentType the request's header, with the boundary
 * @throws FoveaError `bad_request` for a malformed form, `too_large` for more parts than `maxParts`
 * @source RFC 7578, RFC 2046 5.1
 */
export function parseMultipart(body: Buffer, contentType: string, maxParts: number): Part[] {
  const delimiter = Buffer.from(`\r\n--${readBoundary(contentType)}`, 'latin1');
  const parts: Part[] = [];
  let start = findFirstPart(body, delimiter);
  while (body[start] !== DASH || body[start + 1] !== DASH) {
    if (parts.length === maxParts) {
      throw new FoveaError('too_large', `The form has more than ${maxParts} parts.`, {
        details: { max_parts: maxParts },
      });
    }
    // The search is bounded: a header block without end must not make it scan the whole body for each part.
    const window = body.subarray(start, start + MAX_PART_HEADER_BYTES);
    const headersEnd = window.indexOf(HEADERS_END);
    if (headersEnd < 0) throw malformed('the headers of a part do not end.');
    const bytesStart = start + headersEnd + HEADERS_END.length;
    const bytesEnd = body.indexOf(delimiter, bytesStart);
    if (bytesEnd < 0) throw malformed('it ends inside a part.');
    parts.push(describePart(window.subarray(0, headersEnd), body.subarray(bytesStart, bytesEnd)));
    start = bytesEnd + delimiter.length;
  }
  return parts;
}
