/** Where a front takes calls. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** As clients name it. */
  readonly url: string;
}

/** One protocol on one address. It turns what its clients send into a `Call` and the outcome into their words. */
export interface Front {
  readonly name: string;
  /** @throws FoveaError `config_invalid` when the address cannot be had */
  open(): Promise<Address>;
  /** Settles once the calls inside are answered. `ServiceState.beginDrain` is called before: new ones are refused. */
  drain(): Promise<void>;
  /** Closes the address and cuts every connection. */
  close(): Promise<void>;
}
