/** Who asks. */
export interface Principal {
  /** `key:<id>` of an API key, else the client's address. Limits count by it. */
  readonly name: string;
  /** Of its API key; `anonymous` for a client without one. */
  readonly role: 'admin' | 'predict' | 'anonymous';
  /** Stands for `name` in the history: 32 hexadecimal digits that do not tell the name. */
  readonly hash: string;
}

/** One request, as everything below the fronts sees it, whatever its protocol. Each front makes its own. */
export interface Call {
  /** In the answer, the log and the history. */
  readonly id: string;
  readonly client: Principal;
  /** When its answer is no longer wanted, on the clock of `performance.now()`. */
  readonly deadlineMs: number;
  /** True once the client has gone or was answered already. */
  readonly isCancelled: () => boolean;
  /** Counts more points against the client, for a call of several images.
   * @throws FoveaError (as rejection) `rate_limited` */
  readonly charge: (points: number) => Promise<void>;
  /** Runs `run` once the call is over, for work that the answer need not wait for. `run` must not throw. */
  readonly afterAnswer: (run: () => void) => void;
}
