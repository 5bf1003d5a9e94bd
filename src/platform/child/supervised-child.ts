import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ZodType } from 'zod';

/** Child processes run below the server, so that predictions get the processor first. */
export const CHILD_NICENESS = 10;
/** A child that ignores SIGTERM gets SIGKILL after this time. */
const KILL_LIMIT_MS = 5000;

export interface ChildOptions<Event> extends Pick<ForkOptions, 'execArgv' | 'execPath' | 'serialization'> {
  /** Name of its entry point in `workers/`. */
  readonly entryPoint: 'catalogue' | 'charts' | 'evaluation' | 'training';
  /** The variables that it starts with. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** 0..19, or undefined for the server's own. */
  readonly niceness?: number;
  /** Every message of the child is parsed by it. */
  readonly events: ZodType<Event>;
  readonly onEvent: (event: Event) => void;
  /** False lets the server's process end while the child runs; default true. */
  readonly keepsServerAlive?: boolean;
  readonly killLimitMs?: number;
}

/** How a child ended. */
export interface ChildEnd {
  /** Null when a signal ended it, and when it never ran. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** It could not be started, could not be sent a task, or sent a message that is no event. */
  readonly problem: Error | undefined;
}

/** @returns `SIGKILL`, `code 1`, or the problem's text */
export function describeEnd({ exitCode, signal, problem }: ChildEnd): string {
  return problem?.message ?? signal ?? `code ${exitCode}`;
}

/**
 * A child process of the server. Nothing that goes wrong with it throws here or in the event loop: a fork that fails
 * (EAGAIN, ENOMEM), a send to a child that has gone, and a message that is no event all settle `ended`.
 */
export class SupervisedChild<Task extends object, Event> {
  /** Settles when the child has ended and all its messages have been read. Never rejects. */
  readonly ended: Promise<ChildEnd>;
  readonly #child: ChildProcess | undefined;
  readonly #options: ChildOptions<Event>;
  #problem: Error | undefined;
  #killTimer: NodeJS.Timeout | undefined;
  #isLetGo: boolean = false;

  constructor(options: ChildOptions<Event>) {
    this.#options = options;
    const entryPoint = fileURLToPath(new URL(`../../../workers/${options.entryPoint}.js`, import.meta.url));
    const { execArgv, execPath, serialization } = options;
    const env = { ...options.env };
    try {
      // Some failures are thrown (ENOMEM, E2BIG), others are emitted as `error` (EAGAIN, EMFILE, ENOENT).
      this.#child = fork(entryPoint, {
        env,
        ...(execArgv !== undefined && { execArgv }),
        ...(execPath !== undefined && { execPath }),
        ...(serialization !== undefined && { serialization }),
      });
    } catch (error) {
      this.#problem = toError(error);
    }
    this.ended = this.#supervise(this.#child);
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  send(task: Task): void {
    // With a callback a failure is reported there; without one it is emitted as another `error`.
    this.#child?.send(task, (error) => {
      if (error !== null) this.#fail(error);
    });
  }

  /** Asks the child to end by SIGTERM, and ends it by SIGKILL when it has not ended within the limit. */
  kill(): void {
    if (this.#child === undefined || this.#killTimer !== undefined) return;
    const limitMs = this.#options.killLimitMs ?? KILL_LIMIT_MS;
    this.#killTimer = setTimeout(() => this.#child?.kill('SIGKILL'), limitMs);
    this.#child.kill('SIGTERM');
  }

  /** Ends the child at once. */
  killNow(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Closes the channel: the child finishes what it does, and ends by itself. */
  letGo(): void {
    this.#isLetGo = true;
    if (this.#child?.connected === true) this.#child.disconnect();
  }

  #supervise(child: ChildProcess | undefined): Promise<ChildEnd> {
    if (child === undefined) {
      return Promise.resolve({ exitCode: null, signal: null, problem: this.#problem });
    }
    if (this.#options.keepsServerAlive === false) {
      child.unref();
      child.channel?.unref();
    }
    this.#lowerPriority(child);
    child.on('message', (message) => this.#take(message));
    return new Promise((resolve) => {
      const settle = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
        clearTimeout(this.#killTimer);
        resolve({ exitCode, signal, problem: this.#problem });
      };
      // Stays for the child's whole life: a second `error` without a listener would end the server.
      child.on('error', (error) => {
        this.#fail(error);
        // `close` need not come for a child that never ran.
        if (child.pid === undefined) settle(null, null);
      });
      child.once('close', settle);
      // Node emits no `close` for a child whose channel was closed from this side.
      child.once('exit', (exitCode, signal) => {
        if (this.#isLetGo) settle(exitCode, signal);
      });
    });
  }

  #lowerPriority({ pid }: ChildProcess): void {
    if (pid === undefined || this.#options.niceness === undefined) return;
    try {
      setPriority(pid, this.#options.niceness);
    } catch {
      // The child has ended already, or the server itself runs below this niceness.
    }
  }

  #take(message: unknown): void {
    try {
      this.#options.onEvent(this.#options.events.parse(message));
    } catch (error) {
      this.#fail(toError(error));
    }
  }

  /** The first problem counts; what is left of the child is ended. */
  #fail(problem: Error): void {
    this.#problem ??= problem;
    this.killNow();
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
