import type { FoveaError } from '../../platform/errors.js';

/** Told what happens to the instances of a model version. Must not throw. */
export interface PoolObserver {
  /** An instance has loaded and warmed up: at the start, or in the place of a lost one. */
  instanceReady(): void;
  /** An instance died; its batch is retried. */
  instanceLost(error: Error): void;
  /** A batch did not come back in time; its instance is ended. */
  batchTimedOut(): void;
  /** An instance, new in the place of a lost one, could not load. */
  instanceFailedToStart(error: FoveaError): void;
  /** Too many did: the version is out of service. */
  poolGaveUp(error: FoveaError): void;
}
