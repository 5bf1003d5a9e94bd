import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { FoveaError } from '../../platform/errors.js';
import {
  type Added,
  type CatalogueEvent,
  type CatalogueTask,
  catalogueEventSchema,
  type Removed,
} from './catalogue-schema.js';

const ENTRY_POINT = fileURLToPath(new URL('../../../workers/catalogue.js', import.meta.url));
/** Below what serves, so that predictions come first. */
const NICENESS = 10;

function givenUp(): FoveaError {
  return new FoveaError('cancelled', 'The change of the catalogue was given up.');
}

/** Changes the catalogue, one change after another, each in a child process of its own. */
export class CatalogueProcess {
  readonly #env: NodeJS.ProcessEnv;
  /** Settles when the last change that was asked for is over. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

  /** @param env the variables that a child starts with */
  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** @param signal ends the change, or keeps it from starting
   * @throws FoveaError as the child reported it; `catalogue_failed` when it died without a word; `cancelled` */
  change(task: CatalogueTask, signal?: AbortSignal): Promise<Added | Removed> {
    const changed = this.#last.then(() => this.#run(task, signal));
    this.#last = changed.catch(() => undefined);
    return changed;
  }

  /** Ends the running change, and starts no other. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#last;
  }

  async #run(task: CatalogueTask, asked: AbortSignal | undefined): Promise<Added | Removed> {
    const signal = AbortSignal.any([this.#closing.signal, ...(asked === undefined ? [] : [asked])]);
    if (signal.aborted) throw givenUp();
    const child = fork(ENTRY_POINT, { env: this.#env });
    if (child.pid !== undefined) setPriority(child.pid, NICENESS);
    const end = (): void => void child.kill('SIGTERM');
    signal.addEventListener('abort', end);
    let last: CatalogueEvent | undefined;
    child.on('message', (message) => {
      last = catalogueEventSchema.parse(message);
    });
    child.send(task);
    const [exitCode, killedBy]: unknown[] = await once(child, 'close');
    signal.removeEventListener('abort', end);
    if (last?.type === 'finished') return last.result;
    if (last?.type === 'failed') throw FoveaError.fromWire(last.error);
    if (signal.aborted) throw givenUp();
    throw new FoveaError(
      'catalogue_failed',
      `The catalogue process ended early (${killedBy === null ? `code ${String(exitCode)}` : String(killedBy)}).`,
    );
  }
}
