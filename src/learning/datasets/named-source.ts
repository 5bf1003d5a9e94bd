import { join } from 'node:path';
import { CATALOGUE_FOLDER } from '../catalogue/catalogue-schema.js';
import { catalogueSource } from './catalogue.js';
import type { DownloadProgress } from './cifar-download.js';
import type { DataName } from './data-name.js';
import type { ImageSource } from './dataset.js';
import type { LabelCount } from './label-table.js';
import { openSource } from './open.js';

/** Locations of the named data sources. */
export interface DataPlaces {
  /** Folder, archive, or `cifar10`: FOVEA_TRAINING_DATA. */
  readonly configured: string;
  readonly cache_dir: string;
  readonly state_dir: string;
}

export interface NamedData {
  readonly data: DataName;
  /** The model whose images of the catalogue are read. */
  readonly model: string;
  /** One upload of the catalogue; null: all uploads. */
  readonly upload: string | null;
  readonly labelCount: LabelCount;
}

type Open = (wanted: NamedData, places: DataPlaces, onProgress: DownloadProgress) => Promise<ImageSource>;

/** Opens each data source that a request may name. */
const SOURCES: Readonly<Record<DataName, Open>> = {
  configured: ({ model, labelCount }, { configured, cache_dir: cacheDir }, onProgress) =>
    openSource(configured, { cacheDir, onProgress, catalogue: { model }, labelCount }),
  catalogue: async ({ model, upload }, { state_dir: stateDir }) =>
    catalogueSource(join(stateDir, CATALOGUE_FOLDER), { model, upload: upload ?? undefined }),
};

/**
 * Opens a data source by its name, which is never a path.
 * @throws FoveaError `dataset_invalid`
 */
export function openNamedSource(
  wanted: NamedData,
  places: DataPlaces,
  onProgress: DownloadProgress,
): Promise<ImageSource> {
  return SOURCES[wanted.data](wanted, places, onProgress);
}
