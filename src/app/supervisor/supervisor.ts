import type { Logger } from 'pino';
import { readChildOutput } from '../../platform/child/child-output.js';
import { CONFIG_STATUS } from './exit-status.js';
import { SupervisedServer } from './supervised-server.js';

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

export interface SupervisorOptions {
  /** The compiled `main.js`. */
  readonly entryPoint: string;
  /** The environment of each server. */
  readonly environments: readonly Readonly<NodeJS.ProcessEnv>[];
  readonly log: Logger;
}

/** Runs servers in child processes, each of which is started again after a crash. */
export class Supervisor {
  readonly #servers: readonly SupervisedServer[];
  readonly #log: Logger;

  constructor({ entryPoint, environments, log }: SupervisorOptions) {
    this.#log = log;
    this.#servers = environments.map((env, index) => {
      const isOnly = environments.length === 1;
      return new SupervisedServer({
        entryPoint,
        env,
        log: isOnly ? log : log.child({ process_number: index + 1 }),
      });
    });
  }

  /** Resolves with the status to exit with, when all servers have ended for good. */
  async run(): Promise<number> {
    readChildOutput(({ line }) => this.#log.warn({ line }, 'output of the server’s libraries'));
    for (const signal of STOP_SIGNALS) process.on(signal, () => this.#stop(signal));
    const [first, ...others] = this.#servers;
    const runs = [this.#run(first)];
    // It measures on an idle machine which precision is fastest; the others read that from the state directory.
    await first?.begun;
    runs.push(...others.map((server) => this.#run(server)));
    return Math.max(...(await Promise.all(runs)));
  }

  async #run(server: SupervisedServer | undefined): Promise<number> {
    const status = (await server?.run()) ?? 0;
    // The other servers have the same settings.
    if (status === CONFIG_STATUS) this.#stop('SIGTERM');
    return status;
  }

  #stop(signal: NodeJS.Signals): void {
    for (const server of this.#servers) server.stop(signal);
  }
}
