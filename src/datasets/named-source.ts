import type { EvaluationData } from '../contracts/evaluation.js';
import type { DownloadProgress } from './cifar-download.js';
import type { ImageSource } from './dataset.js';
import { openSource } from './open.js';

/** Where the data lies that requests name. */
export interface DataPlaces {
  /** Folder, archive, or `cifar10`: FOVEA_TRAINING_DATA. */
  readonly configured: string;
  readonly cache_dir: string;
  readonly state_dir: string;
}

type Open = (places: DataPlaces, onProgress: DownloadProgress) => Promise<ImageSource>;

/** One line for each kind of data: what a request may name, it can open. */
const SOURCES: Readonly<Record<EvaluationData, Open>> = {
  configured: ({ configured, cache_dir }, onProgress) => openSource(configured, cache_dir, onProgress),
};

/** Opens data by the name that clients use for it, which is never a path.
 * @throws FoveaError `dataset_invalid` */
export function openNamedSource(
  name: EvaluationData,
  places: DataPlaces,
  onProgress: DownloadProgress,
): Promise<ImageSource> {
  return SOURCES[name](places, onProgress);
}
