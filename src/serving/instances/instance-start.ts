import type { Piscina } from 'piscina';
import { FoveaError } from '../../platform/errors.js';
import { type InstanceMessage, parseInstanceMessage } from './messages.js';

export type Ready = Extract<InstanceMessage, { kind: 'ready' }>;
type Failed = Extract<InstanceMessage, { kind: 'failed' }>;

/** Waits until all instances of a new pool are ready.
 * @returns the report of the last instance
 * @throws FoveaError the error of the first instance that failed */
export function allReady(piscina: Piscina, instances: number): Promise<Ready> {
  return new Promise((resolve, reject) => {
    let readyInstances = 0;
    const onMessage = (data: unknown): void => {
      const message = parseInstanceMessage(data);
      if (message.kind === 'failed') settle(() => reject(errorOf(message)));
      if (message.kind === 'ready' && ++readyInstances === instances) settle(() => resolve(message));
    };
    let cause: Error | undefined;
    // A worker can die without a message, for example by a syntax error. Its message, if any, arrives on another port and
    // may be read later in this turn of the event loop, so wait for the end of the turn.
    const onEnd = (): void => {
      const fail = (): void =>
        reject(new FoveaError('engine_failed', 'An instance died while it started.', { cause }));
      setImmediate(() => settle(fail));
    };
    // Follows `workerDestroy` in the same turn; a worker that called `process.exit` has no error.
    const onError = (error: Error): void => {
      cause = error;
    };
    const settle = (done: () => void): void => {
      piscina.off('message', onMessage).off('error', onError).off('workerDestroy', onEnd);
      done();
    };
    piscina.on('message', onMessage).on('error', onError).on('workerDestroy', onEnd);
  });
}

/** The worker's error; `cause` is its report for the log. */
export function errorOf({ error, report }: Failed): FoveaError {
  return new FoveaError(error.code, error.message, { details: error.details, cause: report });
}
