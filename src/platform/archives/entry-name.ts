const MAX_SEGMENT_BYTES = 255;
const MAX_NAME_BYTES = 4096;

/** @returns why an archive's entry must not have this name; undefined for a path below the archive's root */
export function entryNameProblem(name: string): string | undefined {
  const segments = name.split('/');
  if (/\p{Cc}/u.test(name)) return 'its name has control characters';
  if (name.includes('\\')) return 'its name has a backslash; folders are separated by "/"';
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) return 'its path is absolute';
  if (segments.includes('..')) return 'its path leads out of the archive';
  const isTooLong =
    Buffer.byteLength(name) > MAX_NAME_BYTES ||
    segments.some((segment) => Buffer.byteLength(segment) > MAX_SEGMENT_BYTES);
  return isTooLong ? 'its name is too long' : undefined;
}

/** Files that file managers add to archives, and hidden files. */
export function isHiddenEntry(name: string): boolean {
  return name.split('/').some((segment) => segment === '__MACOSX' || /^\.[^/]/.test(segment));
}
