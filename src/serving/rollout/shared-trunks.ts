import { expectedEngine } from '../../models/engines/expected-engine.js';
import type { EngineChoice } from '../../models/engines/providers.js';
import { type FamiliarFeatures, readFamiliarFeatures } from '../../models/repository/feature-distance.js';
import { type HeadWeights, readHead } from '../../models/repository/head-file.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import { FoveaError } from '../../platform/errors.js';
import type { BatchObserver } from '../batching/batch-observer.js';
import type { Classifier } from './classifier.js';
import { HeadClassifier } from './head-classifier.js';

/** Products of a head that the main thread computes for an image: some 100 µs. */
const MOST_PRODUCTS = 2 ** 17;

export interface TrunkUser {
  readonly version: ModelVersion;
  readonly observer: Partial<BatchObserver>;
  /** Called when no instance of the trunk is left and none can be started. */
  readonly onGivenUp: () => void;
}

interface Trunk {
  readonly started: Promise<Classifier>;
  readonly users: Set<TrunkUser>;
}

/** Starts the network below heads. @param onGivenUp when it has lost its instances for good */
export type StartTrunk = (width: number, onGivenUp: () => void) => Promise<Classifier>;

/** What a head computes from the features of an image. */
export interface ShareableHead {
  readonly head: HeadWeights;
  readonly familiar: FamiliarFeatures | undefined;
}

/** The head of a version that can share its network; undefined for others. */
export async function shareableHead(
  version: ModelVersion,
  choice: EngineChoice,
): Promise<ShareableHead | undefined> {
  const { trunk, labels } = version.manifest;
  if (trunk === undefined || trunk.width * labels.length > MOST_PRODUCTS) return undefined;
  const { precision = 'auto' } = choice;
  if (precision !== 'auto' && precision !== 'float32') return undefined;
  if (expectedEngine(choice) !== 'native') return undefined;
  const head = await readHead(version);
  return head && { head, familiar: await readFamiliarFeatures(version) };
}

/**
 * Networks that several heads have in common: they share one queue, its batches, and the instances, so that a hundred heads take the
 * memory of one network. A trunk ends with its last head.
 */
export class SharedTrunks {
  readonly #trunks = new Map<string, Trunk>();

  /** A classifier that runs the shared trunk, then the head.
   * @param start is called for the first head of a trunk
   * @throws FoveaError as `start` */
  async join(user: TrunkUser, head: ShareableHead, start: StartTrunk): Promise<Classifier> {
    const { trunk: about, input } = user.version.manifest;
    if (about === undefined)
      throw new FoveaError('internal', 'A version without trunk cannot share one. This is a bug.');
    const key = `${about.digest} ${JSON.stringify(input)}`;
    const trunk = this.#trunks.get(key) ?? this.#start(key, (onGivenUp) => start(about.width, onGivenUp));
    trunk.users.add(user);
    const leave = async (): Promise<void> => {
      trunk.users.delete(user);
      if (trunk.users.size > 0) return;
      if (this.#trunks.get(key) === trunk) this.#trunks.delete(key);
      await (await trunk.started).drain();
    };
    try {
      return new HeadClassifier({ ...user, ...head, trunk: await trunk.started, leave });
    } catch (error) {
      trunk.users.delete(user);
      if (this.#trunks.get(key) === trunk) this.#trunks.delete(key);
      throw error;
    }
  }

  #start(key: string, start: (onGivenUp: () => void) => Promise<Classifier>): Trunk {
    const users = new Set<TrunkUser>();
    const giveUp = (): void => {
      this.#trunks.delete(key);
      for (const { onGivenUp } of users) onGivenUp();
    };
    const trunk = { started: start(giveUp), users };
    this.#trunks.set(key, trunk);
    return trunk;
  }
}
