import { CHILD_NICENESS } from '../../platform/child/supervised-child.js';
import { endedEarly, startTask } from '../../platform/child/task-child.js';
import { FoveaError } from '../../platform/errors.js';
import { type Added, type CatalogueTask, catalogueEventSchema, type Removed } from './catalogue-schema.js';

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
    const child = startTask(task, {
      entryPoint: 'catalogue',
      env: this.#env,
      niceness: CHILD_NICENESS,
      events: catalogueEventSchema,
      onEvent: () => undefined,
      endedEarly: (end) => (signal.aborted ? givenUp() : endedEarly('catalogue_failed', 'catalogue', end)),
    });
    signal.addEventListener('abort', child.cancel);
    try {
      return (await child.finished).result;
    } finally {
      signal.removeEventListener('abort', child.cancel);
    }
  }
}
