import { type ErrorCode, FoveaError } from '../errors.js';
import { CHILD_NICENESS, type ChildOptions } from './supervised-child.js';
import { endedEarly, type FinishedOf, startTask, type TaskEvent } from './task-child.js';

export interface TaskQueueOptions<Event> extends Pick<ChildOptions<Event>, 'entryPoint' | 'env' | 'events'> {
  /** Of a child that ended without a result. */
  readonly failure: ErrorCode;
  /** The message of `cancelled`. */
  readonly cancelledMessage: string;
}

export interface TaskOptions {
  /** Cancels the task, also before it starts. */
  readonly signal?: AbortSignal | undefined;
  /** Variables of the child beside those of the queue. */
  readonly env?: Readonly<NodeJS.ProcessEnv>;
}

/** Runs one task at a time, each in a child process of its own. */
export class TaskQueue<Task extends object, Event extends TaskEvent> {
  readonly #options: TaskQueueOptions<Event>;
  /** Settles when the last requested task has ended. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

  constructor(options: TaskQueueOptions<Event>) {
    this.#options = options;
  }

  /** @throws FoveaError the child's error; `failure` when the child ended without a result; `cancelled`, once the child has
   * ended */
  run(task: Task, options: TaskOptions = {}): Promise<FinishedOf<Event>> {
    const done = this.#last.then(() => this.#run(task, options));
    this.#last = done.catch(() => undefined);
    return done;
  }

  /** Cancels the running task and starts no further one. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#last;
  }

  async #run(task: Task, { signal: asked, env = {} }: TaskOptions): Promise<FinishedOf<Event>> {
    const { entryPoint, events, failure } = this.#options;
    const signal = AbortSignal.any([this.#closing.signal, ...(asked === undefined ? [] : [asked])]);
    const cancelled = () => new FoveaError('cancelled', this.#options.cancelledMessage);
    if (signal.aborted) throw cancelled();
    const child = startTask<Task, Event>(task, {
      entryPoint,
      env: { ...this.#options.env, ...env },
      niceness: CHILD_NICENESS,
      events,
      onEvent: () => undefined,
      endedEarly: (end) => (signal.aborted ? cancelled() : endedEarly(failure, entryPoint, end)),
    });
    signal.addEventListener('abort', child.cancel);
    try {
      return await child.finished;
    } finally {
      signal.removeEventListener('abort', child.cancel);
    }
  }
}
