import type { Piscina } from 'piscina';
import { FoveaError } from '../../platform/errors.js';
import { type InstanceMessage, parseInstanceMessage } from './messages.js';

export type Ready = Extract<InstanceMessage, { kind: 'ready' }>;
type Failed = Extract<InstanceMessage, { kind: 'failed' }>;

/** Waits until all instances of a new pool are ready.
 * @returns what the last of them runs on
 * @throws FoveaError as the first instance that failed reported it */
export function allReady(piscina: Piscina, instances: number): Promise<Ready> {
  return new Promise((resolve, reject) => {
    let readyInstances = 0;
    const onMessage = (data: unknown): void => {
      const message = parseInstanceMessage(data);
      if (message.kind === 'failed') settle(() => reject(errorOf(message)));
      if (message.kind === 'ready' && ++readyInstances === instances) settle(() => resolve(message));
    };
    // A worker that dies without a word, as by a syntax error. Its last word, if it had one, comes by another port, and
    // may be read later in this turn of the event loop.
    const onError = (error: Error): void => {
      const died = new FoveaError('engine_failed', 'An instance died while it started.', { cause: error });
      setImmediate(() => settle(() => reject(died)));
    };
    const settle = (done: () => void): void => {
      piscina.off('message', onMessage).off('error', onError);
      done();
    };
    piscina.on('message', onMessage).on('error', onError);
  });
}

/** The error as the worker saw it; its report is for the log. */
export function errorOf({ error, report }: Failed): FoveaError {
  return new FoveaError(error.code, error.message, { details: error.details, cause: report });
}
