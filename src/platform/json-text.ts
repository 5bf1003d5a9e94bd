/** Parses JSON that may start with a byte order mark, as editors and tools on Windows write it.
 * @throws SyntaxError */
export function parseJsonText(text: string): unknown {
  return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
}
