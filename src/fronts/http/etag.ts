/** Whether `If-None-Match` names this version of the answer. @source RFC 9110, 13.1.2 */
export function isKnown(etag: string, ifNoneMatch: string): boolean {
  const known = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes('*') || known.includes(etag);
}
