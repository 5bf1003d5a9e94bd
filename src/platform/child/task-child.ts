import { type ErrorCode, FoveaError, type WireError } from '../errors.js';
import { type ChildEnd, type ChildOptions, describeEnd, SupervisedChild } from './supervised-child.js';

type Failed = { readonly type: 'failed'; readonly error: WireError };

/** The events of a child. The last one is `finished` or `failed`. */
export type TaskEvent = { readonly type: string };

export type FinishedOf<Event> = Extract<Event, { readonly type: 'finished' }>;

/** A child process that runs one task. */
export interface TaskChild<Event> {
  /** Settles when the child has ended.
   * @throws FoveaError the error that the child reported; the result of `endedEarly` when it ended without last event */
  readonly finished: Promise<FinishedOf<Event>>;
  readonly pid: number | undefined;
  /** Sends SIGTERM, then SIGKILL. */
  cancel(): void;
}

export interface TaskChildOptions<Event> extends ChildOptions<Event> {
  readonly endedEarly: (end: ChildEnd) => FoveaError;
}

/** Starts a child process and sends it its task. Never throws. */
export function startTask<Task extends object, Event extends TaskEvent>(
  task: Task,
  options: TaskChildOptions<Event>,
): TaskChild<Event> {
  let finished: FinishedOf<Event> | undefined;
  let failed: Failed | undefined;
  const child = new SupervisedChild<Task, Event>({
    ...options,
    onEvent: (event) => {
      if (isFinished(event)) finished = event;
      if (isFailed(event)) failed = event;
      options.onEvent(event);
    },
  });
  child.send(task);
  const outcome = child.ended.then((end) => {
    if (finished !== undefined) return finished;
    throw failed === undefined ? options.endedEarly(end) : FoveaError.fromWire(failed.error);
  });
  return { finished: outcome, pid: child.pid, cancel: () => child.kill() };
}

/** @returns the error of a child that ended without last event */
export function endedEarly(code: ErrorCode, name: string, end: ChildEnd): FoveaError {
  const { exitCode, signal, problem } = end;
  return new FoveaError(code, `The ${name} process ended early (${describeEnd(end)}).`, {
    details: { signal, exit_code: exitCode },
    cause: problem,
  });
}

function isFinished<Event extends TaskEvent>(event: Event): event is FinishedOf<Event> {
  return event.type === 'finished';
}

function isFailed(event: TaskEvent): event is Failed {
  return event.type === 'failed';
}
