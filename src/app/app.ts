import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import type { Address } from '../fronts/front.js';
import { packageVersion } from '../platform/package-version.js';
import { CoreBudget } from '../serving/rollout/core-budget.js';
import { ServiceState } from '../serving/service-state.js';
import { type Composed, compose } from './compose.js';
import type { Config } from './config/schema.js';
import { Lifecycle } from './lifecycle.js';
import type { Surroundings } from './surroundings.js';

/** The server: `listen`, `serveModel`, then `drain` and `close`. */
export class App {
  readonly #surroundings: Surroundings;
  readonly #lifecycle: Lifecycle;
  readonly #state = new ServiceState(packageVersion());
  readonly #addresses: Address[] = [];
  /** Undefined until `listen` has made the parts. */
  #parts: Composed | undefined;

  constructor(config: Config, log: Logger) {
    const { drainTimeoutMs, closeTimeoutMs } = config.http;
    this.#lifecycle = new Lifecycle({ drainMs: drainTimeoutMs, partMs: closeTimeoutMs, log });
    this.#surroundings = {
      config,
      log,
      cores: new CoreBudget(availableParallelism()),
      env: { ...process.env },
      lifecycle: this.#lifecycle,
    };
  }

  /** The port that `listen` took for HTTP. */
  get port(): number {
    return this.#addresses[0]?.port ?? 0;
  }

  /** Makes all parts and opens the fronts. Until `serveModel` has finished, the server is alive but not ready.
   * @throws FoveaError `config_invalid` when an address cannot be had; `history_damaged`, `history_failed` */
  async listen(): Promise<void> {
    this.#parts = await compose(this.#surroundings, this.#state);
    for (const front of this.#parts.fronts) {
      const address = await front.open();
      this.#addresses.push(address);
      const { host, port, url } = address;
      this.#surroundings.log.info({ front: front.name, host, port }, `listening on ${url}`);
    }
  }

  /** Loads the configured model and becomes ready once all its instances have warmed up. To be called after `listen`.
   * @throws FoveaError `not_found`, `model_invalid`, `engine_unavailable`, `engine_failed` */
  async serveModel(): Promise<void> {
    await this.#parts?.models.begin(this.#surroundings.config.repository.model);
    await this.#parts?.recover();
  }

  /** Refuses new predictions and lets running ones finish; health still answers, and says so.
   * @returns whether all finished within the drain timeout */
  drain(): Promise<boolean> {
    this.#state.beginDrain();
    return this.#lifecycle.drain();
  }

  /** Writes to disk what the history holds in memory. Never rejects. */
  flush(): Promise<void> {
    return this.#lifecycle.flush();
  }

  /** Closes the fronts, cuts the connections that are left, and ends all parts. Never rejects.
   * @returns false where a part took too long: it may still hold a thread */
  close(): Promise<boolean> {
    return this.#lifecycle.close();
  }
}
