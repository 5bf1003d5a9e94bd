import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LayersModel, readLayersModel } from '../../src/models/formats/tfjs-layers/layers-model.js';

/** Reads the tfjs LayersModel of a folder. */
export function layersModelIn(directory: string): Promise<LayersModel> {
  return readLayersModel(async (name) => await readFile(join(directory, name)));
}
