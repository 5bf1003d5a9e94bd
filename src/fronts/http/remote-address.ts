import type { HttpResponse } from 'uWebSockets.js';

/** The peer's address as text. `res` must be alive. */
export function remoteAddressOf(res: HttpResponse): string {
  return Buffer.from(res.getRemoteAddressAsText()).toString();
}
