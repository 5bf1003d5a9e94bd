import type { HttpResponse } from 'uWebSockets.js';
import type { Responder } from './responder.js';

/** A client that sends nothing for this long waits for its answer. */
const SILENCE_MS = 500;
/** Less than the 10 s after which uWebSockets.js closes a connection whose body stalls. */
const LONGEST_MS = 5000;

/**
 * Reads the rest of a refused body and ignores it. Many clients read an answer only after they sent the whole body, and a
 * connection that is closed with unread bytes is reset, which destroys the answer on its way.
 * @returns resolves when the body is complete, when the client waits or has gone, and when `maxBytes` or 5 s are over
 */
export function discardBody(res: HttpResponse, responder: Responder, maxBytes: number): Promise<void> {
  if (responder.isDone) return Promise.resolve();
  return new Promise((resolve) => {
    let bytes = 0;
    let isOver: boolean = false;
    const { onDone } = responder;
    const finish = (): void => {
      isOver = true;
      clearTimeout(silence);
      clearTimeout(limit);
      responder.onDone = onDone;
      resolve();
    };
    const silence = setTimeout(finish, SILENCE_MS);
    const limit = setTimeout(finish, LONGEST_MS);
    responder.onDone = () => {
      onDone?.();
      finish();
    };
    res.onData((chunk, isLast) => {
      if (isOver) return;
      bytes += chunk.byteLength;
      if (isLast || bytes > maxBytes) finish();
      else silence.refresh();
    });
  });
}
