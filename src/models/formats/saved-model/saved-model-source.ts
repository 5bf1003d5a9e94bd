import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FoveaError } from '../../../platform/errors.js';
import type { ModelVersion } from '../../repository/model-version.js';
import type { Compiled, LayerSummary, ModelSource } from '../format.js';
import { readSavedModel, type SavedModelInfo, type SavedModelPort } from './read-saved-model.js';
import { SAVED_MODEL_FILE } from './saved-model-files.js';

/** A version that holds a SavedModel. TensorFlow runs it whole: its layers stay unknown. */
export class SavedModelSource implements ModelSource {
  readonly format = 'saved-model';
  readonly layers: readonly LayerSummary[] = [];
  readonly version: ModelVersion;
  readonly info: SavedModelInfo;
  /** What the version's manifest chooses. */
  readonly output: SavedModelPort;

  private constructor(version: ModelVersion, info: SavedModelInfo) {
    const { name } = version.manifest.output;
    const output = name === undefined ? info.outputs[0] : info.outputs.find((port) => port.name === name);
    if (output === undefined)
      throw new FoveaError('model_invalid', `The SavedModel has no output ${name ?? ''}.`);
    this.version = version;
    this.info = info;
    this.output = output;
  }

  /** @throws FoveaError `model_invalid` */
  static async open(version: ModelVersion): Promise<SavedModelSource> {
    const bytes = await readFile(join(version.directory, SAVED_MODEL_FILE)).catch((cause: unknown) => {
      throw new FoveaError('model_invalid', `The version's file ${SAVED_MODEL_FILE} cannot be read.`, {
        cause,
      });
    });
    return new SavedModelSource(version, readSavedModel(bytes));
  }

  plan(): Promise<Compiled> {
    const reason = 'is a SavedModel, which TensorFlow runs whole';
    return Promise.resolve({ unsupported: { layer: 'model', reason } });
  }

  /** It holds no weights. */
  forget(): void {}
}
