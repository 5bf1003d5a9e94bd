/** In place of the package `ws`: browsers have a WebSocket of their own. */
export const { WebSocket } = globalThis;
