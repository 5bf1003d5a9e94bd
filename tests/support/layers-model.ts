import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTfjsModel, type TfjsModel } from '../../src/models/formats/tfjs-files/tfjs-model.js';

/** Reads the tfjs LayersModel of a folder. */
export function layersModelIn(directory: string): Promise<TfjsModel> {
  return readTfjsModel(async (name) => await readFile(join(directory, name)));
}
