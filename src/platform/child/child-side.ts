import { FoveaError, type WireError } from '../errors.js';

type Failed = { readonly type: 'failed'; readonly error: WireError };

/** Sends a message to the server. Resolves when it is sent, or when the server has disconnected. */
export function sendToServer(message: object): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected && process.send !== undefined) process.send(message, () => resolve());
    else resolve();
  });
}

/**
 * The child's side of `startTask`: runs the task that the server sends, then exits. It exits at once when the server
 * disconnects.
 * @param run reports events, the last of them `finished`; an error that it throws is reported as `failed`
 */
export function doOneTask<Event extends object>(
  run: (
    message: unknown,
    report: (event: Event) => void,
    /** Aborts right before this process exits because the server disconnected. */
    serverGone: AbortSignal,
  ) => Promise<void>,
): void {
  process.once('message', (message) => {
    const serverGone = new AbortController();
    const end = (): never => {
      serverGone.abort();
      process.exit(1);
    };
    process.once('disconnect', end);
    let sent: Promise<void> = Promise.resolve();
    const report = (event: Event | Failed): void => {
      sent = sendToServer(event);
    };
    void run(message, report, serverGone.signal)
      .catch((error: unknown) => {
        const known = FoveaError.from(error);
        if (known.cause !== undefined)
          console.error(known.code === 'internal' ? known.cause : String(known.cause));
        report({ type: 'failed', error: known.toWire() });
        process.exitCode = 1;
      })
      // Messages are sent in order: once the last one is sent, all are.
      .then(() => sent)
      .then(() => {
        process.off('disconnect', end);
        if (process.connected) process.disconnect();
      });
  });
}
