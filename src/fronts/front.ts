/** The address on which a front accepts requests. */
export interface Address {
  readonly host: string;
  readonly port: number;
  /** For clients, such as `http://localhost:5000`. */
  readonly url: string;
}

/** One protocol on one address. It turns each request into a `Call`, and the outcome into a response of its protocol. */
export interface Front {
  readonly name: string;
  /** @throws FoveaError `config_invalid` when the address cannot be listened on */
  open(): Promise<Address>;
  /** Resolves once every request in flight is answered. `ServiceState.beginDrain` runs first: new requests are refused. */
  drain(): Promise<void>;
  /** Closes the address and cuts every connection. */
  close(): Promise<void>;
}
