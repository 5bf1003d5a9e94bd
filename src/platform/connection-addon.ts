import { type ConnectionAddon, openConnectionAddon } from '../../native/connection.js';

/** Opens the addon that reaches the sockets of uWebSockets.js.
 * @returns undefined when it was not built, or not for this version of Node or of uWebSockets.js */
export function connectionAddon(): ConnectionAddon | undefined {
  return openConnectionAddon();
}
