import { type ChildProcess, spawn } from 'node:child_process';
import type { Logger } from 'pino';
import { publishLines } from '../../platform/child/child-output.js';
import { CONFIG_STATUS, statusOf } from './exit-status.js';
import { RestartPolicy } from './restart-policy.js';

export interface SupervisedServerOptions {
  /** The compiled `main.js`. */
  readonly entryPoint: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  /** Of this server among others. */
  readonly log: Logger;
}

/** One server in a child process, and another one after a crash. */
export class SupervisedServer {
  readonly #options: SupervisedServerOptions;
  readonly #policy = new RestartPolicy();
  #child: ChildProcess | undefined;
  #isStopping: boolean = false;
  /** Ends the wait before a restart. */
  #endWait: (() => void) | undefined;
  /** When the last process ended. */
  #endedMs: number | undefined;
  #settleFirst: () => void = () => undefined;
  /** Resolves when the first process is ready or has ended. */
  readonly begun = new Promise<void>((resolve) => {
    this.#settleFirst = resolve;
  });

  constructor(options: SupervisedServerOptions) {
    this.#options = options;
  }

  /** Resolves with the status to exit with: when a signal has ended the server, when the server has ended by itself with
   * status 0, and when its configuration is wrong. */
  async run(): Promise<number> {
    const { log } = this.#options;
    for (let status = 0; ; ) {
      if (this.#isStopping) return status;
      const startMs = performance.now();
      const { code, signal } = await this.#runOnce(startMs);
      this.#settleFirst();
      this.#endedMs = performance.now();
      status = statusOf(code, signal);
      if (this.#isStopping || status === 0 || status === CONFIG_STATUS) return status;
      const ranMs = Math.round(this.#endedMs - startMs);
      const delayMs = this.#policy.nextDelayMs(ranMs);
      log.error({ code, signal, ran_ms: ranMs, delay_ms: delayMs }, 'the server ended: it is started again');
      await this.#wait(delayMs);
    }
  }

  stop(signal: NodeJS.Signals): void {
    this.#isStopping = true;
    this.#child?.kill(signal);
    this.#endWait?.();
  }

  #runOnce(startMs: number): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const { entryPoint, env, log } = this.#options;
    const child = spawn(process.execPath, [...process.execArgv, entryPoint], {
      env,
      // A process group of its own: a terminal would send Ctrl-C to both processes, and the second signal ends the server at once.
      detached: true,
      // The server ends when the channel closes, so that it does not outlive a killed supervisor.
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    this.#child = child;
    publishLines('server', child.stderr, true);
    child.on('message', () => {
      const now = performance.now();
      const outMs = this.#endedMs === undefined ? undefined : Math.round(now - this.#endedMs);
      const facts = { server: child.pid, start_ms: Math.round(now - startMs), out_of_service_ms: outMs };
      log.info(facts, 'the server is ready');
      this.#settleFirst();
    });
    return new Promise((resolve) => {
      child.once('error', (error) => {
        log.error({ err: error }, 'the server could not be started');
        resolve({ code: 1, signal: null });
      });
      // After its last line was read.
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endWait = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
