import { CHILD_NICENESS } from '../../platform/child/supervised-child.js';
import { endedEarly, startTask } from '../../platform/child/task-child.js';
import { FoveaError } from '../../platform/errors.js';
import { type Added, type CatalogueTask, catalogueEventSchema, type Removed } from './catalogue-schema.js';

function givenUp(): FoveaError {
  return new FoveaError('cancelled', 'The change of the catalogue was cancelled.');
}

/** Changes the catalogue: one change at a time, each in a child process of its own. */
export class CatalogueProcess {
  readonly #env: NodeJS.ProcessEnv;
  /** Settles when the last requested change has ended. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

  /** @param env environment variables of the child */
  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /**
   * @param signal cancels the change, also before it starts
   * @throws FoveaError the child's error; `catalogue_failed` when the child ended without a result; `cancelled`
   */
  change(task: CatalogueTask, signal?: AbortSignal): Promise<Added | Removed> {
    const changed = this.#last.then(() => this.#run(task, signal));
    this.#last = changed.catch(() => undefined);
    return changed;
  }

  /** Cancels the running change and starts no further one. */
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
