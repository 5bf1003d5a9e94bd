import type { EpochCurve, Manifest } from '../../models/repository/manifest.js';
import type { Answers } from '../evaluation/metrics.js';

/** What a way of learning ended in. */
export interface Learned {
  /** `<model>/<version>` that it started from; null for random weights. */
  readonly parent: string | null;
  readonly input: Manifest['input'];
  /** Ids of the first labels, where the parent has them. */
  readonly labelIds: readonly string[] | undefined;
  /** One sentence for the manifest. */
  readonly description: string;
  readonly settings: NonNullable<Manifest['training']>['settings'];
  /** Where the logits were divided by a temperature. */
  readonly temperature?: NonNullable<Manifest['training']>['temperature'];
  /** Of a head: the network below it. */
  readonly trunk?: NonNullable<Manifest['trunk']>;
  /** Where answers tell images that are like none of the classes. */
  readonly unfamiliarAbove?: number | undefined;
  /** Name and version of what computed it. */
  readonly engine: string;
  readonly curves: readonly EpochCurve[];
  readonly seconds: number;
  /** On the validation images. */
  readonly validation: Answers;
  /** On the test images; undefined where the data has none. */
  readonly test: Answers | undefined;
  /** The version's files without the manifest. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}
