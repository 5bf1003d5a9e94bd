import type { FoveaError } from '../../platform/errors.js';

/** Receives events of a model version's instances. Must not throw. */
export interface PoolObserver {
  /** An instance has loaded and warmed up, at the start or as a replacement. */
  instanceReady(): void;
  /** An instance died; its batch is retried. */
  instanceLost(error: Error): void;
  /** A batch exceeded its time limit; its instance is ended. */
  batchTimedOut(): void;
  /** A replacement could not load. */
  instanceFailedToStart(error: FoveaError): void;
  /** Too many replacements could not load: the version is out of service. */
  poolGaveUp(error: FoveaError): void;
}
