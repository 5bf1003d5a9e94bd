import { FoveaError } from '../../platform/errors.js';

/** Types of clients that do not know the type: an unset header, and the defaults of libraries and of `curl --data-binary`. */
export const UNKNOWN_TYPES = [
  'application/octet-stream',
  'binary/octet-stream',
  'application/binary',
  'application/x-www-form-urlencoded',
];
/** Accepts every body: the protocol says what it is, whatever the client declares. */
export const ANY_TYPE = '*/*';
/** Media type range of all images: the bytes decide which format it is. */
export const ANY_IMAGE = 'image/*';

/** The last header: most requests have that of the one before. */
let last = { contentType: '', mediaType: '' };

/** @param contentType header of a request or part
 * @returns lower case, without parameters; '' when there is none */
export function mediaTypeOf(contentType: string): string {
  if (contentType === last.contentType) return last.mediaType;
  const named = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const mediaType = named === '*/*' ? '' : named;
  last = { contentType, mediaType };
  return mediaType;
}

/** Whether a body may have this type. An unset type passes where one of `UNKNOWN_TYPES` does.
 * @param accepted media types, and ranges such as `image/*` */
export function accepts(accepted: readonly string[], mediaType: string): boolean {
  if (accepted.includes(mediaType) || accepted.includes(ANY_TYPE)) return true;
  if (mediaType === '') return accepted.some((type) => UNKNOWN_TYPES.includes(type));
  return accepted.includes(`${mediaType.split('/', 1)[0]}/*`);
}

export function unsupportedType(mediaType: string, accepted: readonly string[]): FoveaError {
  const received = mediaType === '' ? 'a body without Content-Type' : mediaType;
  return new FoveaError(
    'unsupported_type',
    `This endpoint does not take ${received}: send ${accepted.join(', ')}.`,
    { details: { accepted_types: accepted } },
  );
}

/** Of archives, and of bytes that say themselves what they are. */
export const ARCHIVE_TYPES = [
  'application/zip',
  'application/x-zip-compressed',
  'application/x-tar',
  'application/gzip',
  'application/x-gzip',
  'application/x-xz',
  'application/x-gtar',
  'application/x-compressed-tar',
  ...UNKNOWN_TYPES,
];
