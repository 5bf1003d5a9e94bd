import type { MessagePort } from 'node:worker_threads';
import { collectGarbage } from '../collect-garbage.js';
import { type Answer, type Call, OPENING } from '../database/calls.js';
import type { DatabaseName } from '../database/database-name.js';
import { fromSqlite } from './sqlite-error.js';

/** The thread's side: answers calls one by one, in order. An error that `answer` throws is sent as the answer.
 * @param name the database, for the text of SQLite's errors */
export function answerCalls<Request>(
  port: MessagePort,
  name: DatabaseName,
  answer: (request: Request) => unknown,
): void {
  port.on('message', ({ call, request }: Call<Request>) => {
    port.postMessage(attempt(call, name, () => answer(request)));
  });
}

/** Opens the file and answers `OPENING`. @returns undefined when the file could not be opened */
export function answerOpening<T>(
  port: MessagePort,
  name: DatabaseName,
  open: () => { readonly opened: T; readonly answer: unknown },
): T | undefined {
  let opened: T | undefined;
  port.postMessage(
    attempt(OPENING, name, () => {
      const result = open();
      opened = result.opened;
      return result.answer;
    }),
  );
  collectGarbage();
  return opened;
}

function attempt(call: number, name: DatabaseName, run: () => unknown): Answer {
  try {
    return { call, answer: run() };
  } catch (error) {
    const known = fromSqlite(error, name);
    return { call, error: known.toWire(), cause: describe(known.cause) };
  }
}

function describe(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.stack : undefined;
}
