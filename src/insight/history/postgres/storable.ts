/** A text as PostgreSQL can store it: without NUL. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\u{fffd}');
}
