import type { ScannedVersion } from '../../models/repository/scan.js';
import type { TrafficRequest } from '../../models/repository/traffic.js';
import type { ModelState, ServedModel } from './served-model.js';

/** A version's part of a model's requests. */
export interface Share {
  readonly served: ServedModel;
  readonly percent: number;
}

/** What serves of one model now. */
export interface ServingView {
  readonly active: ServedModel;
  /** The active version first, then canaries. */
  readonly shares: readonly Share[];
  readonly shadows: readonly ServedModel[];
  /** When its traffic was set; null where the active version has all of it. */
  readonly since: string | null;
}

/** Changes the versions of one model, one change at a time; what served before stays where a change fails.
 * All throw FoveaError `activation_running`, `not_found`, `model_invalid`, `model_not_ready`, `engine_failed`. */
export interface RolloutControl {
  activate(version: number): Promise<void>;
  /** Activates the version that was active before. */
  rollBack(): Promise<void>;
  /** @throws FoveaError `bad_request` when the active version is left out */
  setTraffic(wanted: TrafficRequest): Promise<void>;
  /** Activates the version on trial. @throws FoveaError `bad_request` when several are and none is named */
  promote(version: number | undefined): Promise<void>;
  /** Gives all traffic back to the active version. */
  abort(): Promise<void>;
}

/** What a scan of the repository found. */
export interface Rescan {
  readonly versions: readonly ScannedVersion[];
  /** `<model>/<version>` that no scan and no start saw before. */
  readonly added: readonly string[];
}

/** The models of the repository, for fronts that show and change them. */
export interface ModelControl {
  readonly states: readonly ModelState[];
  /** Why the last scan refused a version; undefined when it did not. */
  problemOf(model: string, version: number): string | undefined;
  /** Verifies every version anew; what serves goes on serving. @throws FoveaError `model_invalid` */
  rescan(): Promise<Rescan>;
  /** @throws FoveaError `not_found`, `model_not_ready` when it is not loaded */
  servingOf(model: string): ServingView;
  /** The same, loaded first where it must be. */
  loadedOf(model: string): Promise<ServingView>;
  /** @throws FoveaError `not_found`, and those of loading */
  rolloutOf(model: string): Promise<RolloutControl>;
}
