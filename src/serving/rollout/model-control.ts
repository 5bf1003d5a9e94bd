import type { IgnoredEntry } from '../../models/repository/survey-folder.js';
import type { TrafficRequest } from '../../models/repository/traffic.js';
import type { ScannedVersion } from '../../models/verification/scan.js';
import type { FoveaError } from '../../platform/errors.js';
import type { ModelState, ServedModel } from './served-model.js';

/** A version and its share of the model's requests. */
export interface Share {
  readonly served: ServedModel;
  readonly percent: number;
}

/** The versions of one model that are in service. */
export interface ServingView {
  readonly active: ServedModel;
  /** The active version first, then canaries. */
  readonly shares: readonly Share[];
  readonly shadows: readonly ServedModel[];
  /** When the traffic split was set; null when the active version gets all requests. */
  readonly since: string | null;
}

/** Changes the versions in service of one model, one change at a time. A failed change alters nothing.
 * All throw FoveaError `activation_running`, `not_found`, `model_invalid`, `model_not_ready`, `engine_failed`. */
export interface RolloutControl {
  activate(version: number): Promise<void>;
  /** Activates the previous version. */
  rollBack(): Promise<void>;
  /** @throws FoveaError `bad_request` when the split lacks the active version */
  setTraffic(wanted: TrafficRequest): Promise<void>;
  /** Activates the version on trial. @throws FoveaError `bad_request` when several are on trial and `version` is undefined */
  promote(version: number | undefined): Promise<void>;
  /** Gives all traffic back to the active version. */
  abort(): Promise<void>;
}

/** Result of a scan of the repository. */
export interface Rescan {
  readonly versions: readonly ScannedVersion[];
  /** `<model>/<version>` of each version that is new since the start or the last scan. */
  readonly added: readonly string[];
  /** Entries of the repository that are not model versions. */
  readonly ignored: readonly IgnoredEntry[];
}

/** What a server took from its repository without being asked. */
export interface PickedUp {
  /** As in `Rescan`. */
  readonly added: readonly string[];
  /** Versions that cannot be served yet; `version` is undefined where that holds for all versions of the model. */
  readonly refused: readonly {
    readonly model: string;
    readonly version: number | undefined;
    readonly error: FoveaError;
  }[];
  /** False while a model loads or its versions are being changed: its new versions were not looked at. */
  readonly isComplete: boolean;
}

/** The models of the repository. Fronts list and change them through this interface. */
export interface ModelControl {
  readonly states: readonly ModelState[];
  /** Why the last scan refused a version; undefined when the version is valid. */
  problemOf(model: string, version: number): string | undefined;
  /** Verifies every version again. Versions in service are not touched. @throws FoveaError `model_invalid` */
  rescan(): Promise<Rescan>;
  /** @throws FoveaError `not_found`, `model_not_ready` when it is not loaded */
  servingOf(model: string): ServingView;
  /** Same as `servingOf`; loads the model if needed, also one that was unloaded. */
  loadedOf(model: string): Promise<ServingView>;
  /** Takes a model out of service until it is loaded again. Requests in flight finish.
   * @throws FoveaError `not_found`, `bad_request` for the default model */
  unload(model: string): void;
  /** Loads the model if needed. @throws FoveaError `not_found`, and errors of loading */
  rolloutOf(model: string): Promise<RolloutControl>;
}
