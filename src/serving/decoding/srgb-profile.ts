/*
 * Many phones and editors embed a profile of sRGB, the colour space that models expect anyway. Such a file needs no conversion.
 */

const HEADER_BYTES = 128;
const TAG_BYTES = 12;
/** Profiles of phones and editors have about 15. */
const MAX_TAGS = 64;

/** X, Y and Z of the three primaries, adapted to D50.
 * @source https://www.color.org/srgb.pdf */
const PRIMARIES = {
  rXYZ: [0.4361, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
} as const;
const CURVES = ['rTRC', 'gTRC', 'bTRC'] as const;

/** Profiles round differently. A level of 255 is 0.004; the primaries of Display P3 are 0.03 and more apart. */
const PRIMARY_TOLERANCE = 0.002;
const CURVE_TOLERANCE = 0.002;
/** Places at which a curve is compared. */
const CURVE_PLACES = 64;

/** Linear light of an encoded value, both 0..1.
 * @source IEC 61966-2-1 */
function linearOf(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** @returns the tag's data by its name; undefined for a damaged table */
function tagsOf(profile: DataView): Map<string, DataView> | undefined {
  const count = profile.getUint32(HEADER_BYTES);
  if (count > MAX_TAGS || HEADER_BYTES + 4 + count * TAG_BYTES > profile.byteLength) return undefined;
  const tags = new Map<string, DataView>();
  for (let index = 0; index < count; index++) {
    const entry = HEADER_BYTES + 4 + index * TAG_BYTES;
    const offset = profile.getUint32(entry + 4);
    const bytes = profile.getUint32(entry + 8);
    if (offset + bytes > profile.byteLength) return undefined;
    tags.set(textAt(profile, entry), new DataView(profile.buffer, profile.byteOffset + offset, bytes));
  }
  return tags;
}

function textAt(view: DataView, offset: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(offset + index)));
}

/** @source ICC.1:2022, 4.6 */
function fixedAt(view: DataView, offset: number): number {
  return view.getInt32(offset) / 65_536;
}

function isPrimary(tag: DataView | undefined, wanted: readonly number[]): boolean {
  if (tag === undefined || tag.byteLength < 20 || textAt(tag, 0) !== 'XYZ ') return false;
  return wanted.every((value, index) => Math.abs(fixedAt(tag, 8 + 4 * index) - value) <= PRIMARY_TOLERANCE);
}

/** @returns the curve's function; undefined for kinds that no profile of sRGB has
 * @source ICC.1:2022, 10.6 (`curv`) and 10.18 (`para`) */
function curveOf(tag: DataView): ((value: number) => number) | undefined {
  if (tag.byteLength < 12) return undefined;
  const kind = textAt(tag, 0);
  if (kind === 'curv') {
    const last = tag.getUint32(8) - 1;
    if (last < 1 || 12 + 2 * (last + 1) > tag.byteLength) return undefined;
    const at = (index: number): number => tag.getUint16(12 + 2 * index) / 65_535;
    return (value) => {
      const place = Math.min(Math.floor(value * last), last - 1);
      return at(place) + (at(place + 1) - at(place)) * (value * last - place);
    };
  }
  // Function type 3: (a · x + b) ^ g from d on, below it c · x.
  if (kind !== 'para' || tag.getUint16(8) !== 3 || tag.byteLength < 32) return undefined;
  const [g = 0, a = 0, b = 0, c = 0, d = 0] = [0, 1, 2, 3, 4].map((index) => fixedAt(tag, 12 + 4 * index));
  return (value) => (value >= d ? (a * value + b) ** g : c * value);
}

function isCurve(tag: DataView | undefined): boolean {
  const curve = tag === undefined ? undefined : curveOf(tag);
  if (curve === undefined) return false;
  for (let place = 0; place <= CURVE_PLACES; place++) {
    const value = place / CURVE_PLACES;
    // Also refuses a curve of numbers that are not finite.
    if (!(Math.abs(curve(value) - linearOf(value)) <= CURVE_TOLERANCE)) return false;
  }
  return true;
}

/** Whether an ICC profile is one of sRGB: three primaries and their curves, no lookup table. */
export function isSrgbProfile(bytes: Uint8Array): boolean {
  const profile = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (profile.byteLength < HEADER_BYTES + 4) return false;
  if (textAt(profile, 16) !== 'RGB ' || textAt(profile, 20) !== 'XYZ ') return false;
  const tags = tagsOf(profile);
  if (tags === undefined || tags.has('A2B0')) return false;
  return (
    Object.entries(PRIMARIES).every(([name, wanted]) => isPrimary(tags.get(name), wanted)) &&
    CURVES.every((name) => isCurve(tags.get(name)))
  );
}
