/** The client of a call. */
export interface Principal {
  /** `key:<id>` of an API key, else the client's address. Limits count by it. */
  readonly name: string;
  /** Role of the API key; `anonymous` for a client without a key. */
  readonly role: 'admin' | 'predict' | 'anonymous';
  /** Pseudonym of `name` in the history: 32 hexadecimal digits. */
  readonly hash: string;
}

/** Records the steps of a sampled request for distributed tracing. */
export interface CallTrace {
  /** @param startMs on the clock of `performance.now()`, as is `endMs` */
  step(
    name: 'receive' | 'decode' | 'queue' | 'inference' | 'record',
    startMs: number,
    endMs: number,
    attributes?: Readonly<Record<string, string | number>>,
  ): void;
}

/** One request, independent of its protocol. Each front creates its own. */
export interface Call {
  /** Appears in the answer, the log and the history. */
  readonly id: string;
  readonly client: Principal;
  /** Time after which the client no longer waits, on the clock of `performance.now()`. */
  readonly deadlineMs: number;
  /** True once the client has disconnected or was answered. */
  readonly isCancelled: () => boolean;
  /** Charges further rate-limit points to the client: one for each image after the first.
   * @throws FoveaError (as rejection) `rate_limited` */
  readonly charge: (points: number) => Promise<void>;
  /** Undefined unless the request is sampled. */
  readonly trace?: CallTrace | undefined;
  /** Runs `run` once the call is over, for work that the answer need not wait for. `run` must not throw. */
  readonly afterAnswer: (run: () => void) => void;
}
