import type { MessagePort } from 'node:worker_threads';
import type { Answer, Call } from '../database/calls.js';
import { FoveaError } from '../errors.js';

async function attempt(call: number, answer: Promise<unknown>): Promise<Answer> {
  try {
    return { call, answer: await answer };
  } catch (error) {
    const known = FoveaError.from(error);
    const cause = known.cause instanceof Error ? known.cause.stack : undefined;
    return { call, error: known.toWire(), cause };
  }
}

/** The side of a thread whose calls run at once. */
export function answerConcurrently<Request>(
  port: MessagePort,
  answer: (request: Request) => Promise<unknown>,
): void {
  port.on('message', ({ call, request }: Call<Request>) => {
    void attempt(call, answer(request)).then((answered) => port.postMessage(answered));
  });
}
