import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { ZodType } from 'zod';
import { publishLines } from './child-output.js';

/** Lower priority than the server's, so that predictions get the processor first. */
export const CHILD_NICENESS = 10;
/** SIGKILL follows SIGTERM after this time. */
const KILL_LIMIT_MS = 5000;

export interface ChildOptions<Event> extends Pick<ForkOptions, 'execArgv' | 'execPath' | 'serialization'> {
  /** File name of its entry point in `workers/`. */
  readonly entryPoint: 'catalogue' | 'charts' | 'evaluation' | 'import' | 'training';
  /** Its environment variables. */
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** 0..19; undefined: that of the server. */
  readonly niceness?: number;
  /** Parses every message of the child. */
  readonly events: ZodType<Event>;
  readonly onEvent: (event: Event) => void;
  /** False: the server's event loop may end while the child runs. Default: true. */
  readonly keepsServerAlive?: boolean;
  readonly killLimitMs?: number;
}

/** How a child process ended. */
export interface ChildEnd {
  /** Null when a signal ended the child, or when it never ran. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The child could not be started, could not receive its task, or sent an invalid message. */
  readonly problem: Error | undefined;
}

/** @returns `SIGKILL`, `code 1`, or the problem's text */
export function describeEnd({ exitCode, signal, problem }: ChildEnd): string {
  return problem?.message ?? signal ?? `code ${exitCode}`;
}

/**
 * A child process of the server. No failure throws, here or in the event loop: a failed fork (EAGAIN, ENOMEM), a send to
 * an ended child and an invalid message all settle `ended`.
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
      // `fork` throws ENOMEM and E2BIG, and emits EAGAIN, EMFILE and ENOENT as `error`.
      this.#child = fork(entryPoint, {
        env,
        silent: true,
        ...(execArgv !== undefined && { execArgv }),
        ...(execPath !== undefined && { execPath }),
        ...(serialization !== undefined && { serialization }),
      });
    } catch (error) {
      this.#problem = toError(error);
    }
    this.ended = this.#supervise(this.#child);
  }

  /** Undefined when the child could not be started. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  send(task: Task): void {
    // Without a callback, Node emits the failure as another `error` event.
    this.#child?.send(task, (error) => {
      if (error !== null) this.#fail(error);
    });
  }

  /** Sends SIGTERM, then SIGKILL if the child has not ended within the limit. */
  kill(): void {
    if (this.#child === undefined || this.#killTimer !== undefined) return;
    const limitMs = this.#options.killLimitMs ?? KILL_LIMIT_MS;
    this.#killTimer = setTimeout(() => this.#child?.kill('SIGKILL'), limitMs);
    this.#child.kill('SIGTERM');
  }

  /** Sends SIGKILL. */
  killNow(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Closes the channel: the child finishes its task and exits. */
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
    const { entryPoint, keepsServerAlive = true } = this.#options;
    for (const stream of [child.stdout, child.stderr]) publishLines(entryPoint, stream, keepsServerAlive);
    child.on('message', (message) => this.#take(message));
    return new Promise((resolve) => {
      const settle = (exitCode: number | null, signal: NodeJS.Signals | null): void => {
        clearTimeout(this.#killTimer);
        resolve({ exitCode, signal, problem: this.#problem });
      };
      // Never removed: a second `error` event without a listener would end the server.
      child.on('error', (error) => {
        this.#fail(error);
        // A child that never ran may emit no `close`.
        if (child.pid === undefined) settle(null, null);
      });
      child.once('close', settle);
      // Node emits no `close` when this side closed the channel.
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
      // The child has ended, or the server itself has a higher niceness.
    }
  }

  #take(message: unknown): void {
    try {
      this.#options.onEvent(this.#options.events.parse(message));
    } catch (error) {
      this.#fail(toError(error));
    }
  }

  /** Keeps the first problem and kills the child. */
  #fail(problem: Error): void {
    this.#problem ??= problem;
    this.killNow();
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
