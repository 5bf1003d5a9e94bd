import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import type { ModelInput } from '../../serving/model-input.js';
import { JSON_TYPE, parseJsonBody } from './json-body.js';
import { ANY_IMAGE, accepts, mediaTypeOf, UNKNOWN_TYPES, unsupportedType } from './media-type.js';
import { type Part, parseMultipart } from './multipart.js';
import type { RouteRequest } from './route.js';

export const MULTIPART_TYPE = 'multipart/form-data';
/** Types of an image file. The bytes decide: only a type that says something else altogether is refused. */
const RAW_TYPES = [ANY_IMAGE, ...UNKNOWN_TYPES];

/** Raw uint8 pixels of the model's own size, instead of an image file. */
export const PIXELS_TYPE = 'application/vnd.fovea.pixels';

/** Media types of a request with one image. */
export const IMAGE_BODY_TYPES = [MULTIPART_TYPE, JSON_TYPE, ...RAW_TYPES, PIXELS_TYPE];

/** An image as the client sent it. */
export interface SentImage {
  readonly input: ModelInput;
  readonly fileName: string | null;
}

/** Parts that a form may have beside its files. */
const MAX_FIELDS = 16;

export const imageJsonSchema = z.strictObject({
  /** Base64, or a data URL with base64. */
  image: z.string().min(1),
});

/** The first characters of base64, also of its URL-safe form. A URL has others, such as its colon. */
const BASE64_START = /^[\w+/=\s-]{0,64}$/;

/** Longest head (media type and parameters) of a data URL. */
const MAX_DATA_URL_HEAD = 1024;

/** The image in a form's part; `unreadable` with `unsupported_type`, `empty_body`. */
export function imageOfPart({ bytes, fileName: name, mediaType }: Part): SentImage {
  const fileName = name ?? null;
  if (!accepts(RAW_TYPES, mediaTypeOf(mediaType ?? ''))) {
    return { input: { kind: 'unreadable', error: unsupportedType(mediaType ?? '', RAW_TYPES) }, fileName };
  }
  if (bytes.length === 0) {
    const error = new FoveaError('empty_body', 'The file is empty.');
    return { input: { kind: 'unreadable', error }, fileName };
  }
  return { input: { kind: 'encoded', bytes }, fileName };
}

/** The parts of a form with the name `field`.
 * @throws FoveaError `bad_request` when there are none or the form is malformed, `too_large` for too many */
export function partsOfForm({ body, contentType }: RouteRequest, field: string, maxFiles: number): Part[] {
  const all = parseMultipart(body, contentType, maxFiles + MAX_FIELDS);
  const parts = all.filter(({ name }) => name === field);
  if (parts.length === 0)
    throw new FoveaError('bad_request', `The form has no file in a field "${field}".`, {
      details: { fields: [...new Set(all.map(({ name }) => name))].slice(0, MAX_FIELDS) },
    });
  if (parts.length > maxFiles) {
    const several = maxFiles === 1 ? ' POST /api/predict/batch takes several.' : '';
    throw new FoveaError(
      'too_large',
      `The form has ${parts.length} files; ${maxFiles} may be sent at once.${several}`,
      {
        details: { max_files: maxFiles },
      },
    );
  }
  return parts;
}

function imageOfJson(body: Buffer): Buffer {
  const { image } = parseJsonBody(imageJsonSchema, body, '{"image": "<base64 or data URL>"}');
  const text = image.startsWith('data:') ? dataOf(image) : image;
  if (!BASE64_START.test(text.slice(0, 64)))
    throw new FoveaError(
      'undecodable_image',
      'The image is not base64: send the bytes of the file, not a URL or a path.',
    );
  return Buffer.from(text, 'base64');
}

/** The base64 of a data URL.
 * @source RFC 2397 */
function dataOf(url: string): string {
  const comma = url.slice(0, MAX_DATA_URL_HEAD).indexOf(',');
  const head = url.slice('data:'.length, Math.max(0, comma)).toLowerCase();
  if (!head.endsWith(';base64')) {
    throw new FoveaError('bad_request', 'The data URL must be "data:<image type>;base64,<data>".');
  }
  const mediaType = mediaTypeOf(head);
  if (!accepts(RAW_TYPES, mediaType)) throw unsupportedType(mediaType, RAW_TYPES);
  return url.slice(comma + 1);
}

function readImage(request: RouteRequest): SentImage {
  const mediaType = mediaTypeOf(request.contentType);
  if (mediaType === MULTIPART_TYPE) {
    const [part] = partsOfForm(request, 'file', 1);
    if (part === undefined) throw new FoveaError('internal', 'A form without file passed. This is a bug.');
    return imageOfPart(part);
  }
  if (mediaType === PIXELS_TYPE) {
    return { input: { kind: 'pixels', bytes: request.body, shape: undefined }, fileName: null };
  }
  const bytes = mediaType === JSON_TYPE ? imageOfJson(request.body) : request.body;
  return { input: { kind: 'encoded', bytes }, fileName: null };
}

/** The image of a request: a form's field `file`, JSON, an image file, or pixels. `unreadable` with
 * `bad_request`, `empty_body`, `unsupported_type`, `too_large`. */
export function imageOfRequest(request: RouteRequest): SentImage {
  try {
    return readImage(request);
  } catch (error) {
    return { input: { kind: 'unreadable', error: FoveaError.from(error) }, fileName: null };
  }
}
