/** Explains why the addon could not be opened. The message names the missing library, but no path of this machine, because
 * clients may see it. */
export function reasonOf(failure: unknown): string {
  const message = failure instanceof Error ? (failure.message.split('\n')[0] ?? '') : String(failure);
  return `Its addon cannot be loaded: ${message.replaceAll(/[^\s'"]*\//g, '')} Run set-up again.`;
}
