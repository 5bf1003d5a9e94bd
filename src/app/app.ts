import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Address, Front } from '../fronts/front.js';
import { packageVersion } from '../platform/package-version.js';
import { CoreBudget } from '../serving/rollout/core-budget.js';
import { SharedTrunks } from '../serving/rollout/shared-trunks.js';
import { ServiceState } from '../serving/service-state.js';
import { type Composed, compose } from './compose.js';
import type { Config } from './config/schema.js';
import type { Deps } from './deps.js';
import { Lifecycle } from './lifecycle.js';

/** The server: `listen`, `serveModel`, then `drain` and `close`. */
export class App {
  readonly #deps: Deps;
  readonly #lifecycle: Lifecycle;
  readonly #state = new ServiceState(packageVersion());
  readonly #addresses: Address[] = [];
  /** Undefined until `listen` has created the parts. */
  #parts: Composed | undefined;

  constructor(config: Config, log: Logger) {
    const { drainTimeoutMs, closeTimeoutMs } = config.http;
    this.#lifecycle = new Lifecycle({ drainMs: drainTimeoutMs, partMs: closeTimeoutMs, log });
    this.#deps = {
      config,
      log,
      cores: new CoreBudget(config.inference.cores, config.inference.maxBatchThreads),
      trunks: new SharedTrunks(),
      env: { ...process.env },
      lifecycle: this.#lifecycle,
    };
  }

  /** The port that `listen` took for HTTP. */
  get port(): number {
    return this.#addresses[0]?.port ?? 0;
  }

  /** Creates all parts and opens the fronts. Until `serveModel` has finished, the server is alive but not ready.
   * @throws FoveaError `config_invalid` when a front cannot listen; `history_damaged`, `history_failed` */
  async listen(): Promise<void> {
    this.#parts = await compose(this.#deps, this.#state);
    for (const front of this.#parts.fronts.own) this.#addresses.push(await this.#open(front));
  }

  async #open(front: Front): Promise<Address> {
    const address = await front.open();
    const { host, port, url } = address;
    this.#deps.log.info({ front: front.name, host, port }, `listening on ${url}`);
    return address;
  }

  /** Loads the configured model; ready once all its instances have warmed up. Call it after `listen`.
   * @throws FoveaError `not_found`, `model_invalid`, `engine_unavailable`, `engine_failed` */
  async serveModel(): Promise<void> {
    await this.#parts?.models.begin(this.#deps.config.repository.model);
    await this.#parts?.recover();
    // The kernel gives connections of a shared port to every server that listens, so only a ready one may.
    for (const front of this.#parts?.fronts.shared ?? []) await this.#open(front);
  }

  /** Tells load balancers by the readiness probe that the server is ending; it serves for `delayMs` more. */
  async leave(delayMs: number): Promise<void> {
    this.#state.leave();
    await sleep(delayMs);
  }

  /** Refuses new predictions and waits for running ones. Health still answers, with status `draining`.
   * @returns whether all requests finished within the drain timeout */
  drain(): Promise<boolean> {
    this.#state.beginDrain();
    return this.#lifecycle.drain();
  }

  /** Writes the queued rows of the history to disk. Never rejects. */
  flush(): Promise<void> {
    return this.#lifecycle.flush();
  }

  /** Closes the fronts, cuts open connections and closes all parts. Never rejects.
   * @returns false when a part exceeded its time limit: it may still hold a thread */
  close(): Promise<boolean> {
    return this.#lifecycle.close();
  }
}
