import type { ImageFormat } from '../../platform/image-format.js';

function hasAscii(bytes: Uint8Array, offset: number, text: string): boolean {
  if (bytes.length < offset + text.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (bytes[offset + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** The first box of an AVIF file is `ftyp`: a major brand, a version, compatible brands. */
function isAvif(bytes: Uint8Array): boolean {
  if (!hasAscii(bytes, 4, 'ftyp')) return false;
  const boxBytes = Math.min(bytes.length, (bytes[2] ?? 0) * 256 + (bytes[3] ?? 0));
  for (let offset = 8; offset + 4 <= boxBytes; offset += 4) {
    if (hasAscii(bytes, offset, 'avif') || hasAscii(bytes, offset, 'avis')) return true;
  }
  return false;
}

/** Both byte orders; with 43 (`+`) in place of 42 (`*`) it is BigTIFF. */
const TIFF_HEADS = ['II*\0', 'MM\0*', 'II+\0', 'MM\0+'];

/** Detects the format by its magic bytes; the declared media type is ignored.
 * @returns undefined when the format is not in `IMAGE_FORMATS` */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (bytes[0] === 0x89 && hasAscii(bytes, 1, 'PNG\r\n\x1a\n')) return 'png';
  if (hasAscii(bytes, 0, 'GIF87a') || hasAscii(bytes, 0, 'GIF89a')) return 'gif';
  if (hasAscii(bytes, 0, 'RIFF') && hasAscii(bytes, 8, 'WEBP')) return 'webp';
  if (TIFF_HEADS.some((head) => hasAscii(bytes, 0, head))) return 'tiff';
  return isAvif(bytes) ? 'avif' : undefined;
}
