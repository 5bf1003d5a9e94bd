import type { ServiceState } from '../../serving/service-state.js';
import type { Admission } from './admission.js';
import type { Gate } from './gate.js';
import type { Limits } from './limits.js';

/** Every front asks it before it does any work: who is it, is the model ready, how much may it ask, is there room. */
export interface Door {
  readonly gate: Gate;
  readonly state: ServiceState;
  /** Undefined where nothing is limited. */
  readonly limits: Limits | undefined;
  readonly admission: Admission;
}
