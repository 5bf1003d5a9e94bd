import { existsSync } from 'node:fs';
import { FoveaError } from '../../platform/errors.js';
import { runSetUp } from '../../platform/run-set-up.js';
import { ADDON } from '../engines/onnxruntime/addon-file.js';

/** What a format needs where no plan expresses the model, as flags of set-up. Formats that are not here need nothing. */
const NEEDS: Readonly<Partial<Record<string, { readonly engine: string; readonly flag: string }>>> = {
  onnx: { engine: 'ONNX Runtime', flag: '--onnxruntime' },
  'saved-model': { engine: 'TensorFlow', flag: '--tensorflow' },
};

/** Fetches the engine that a model without a plan needs, unless it is there.
 * @param format of the version
 * @param onStep hears each line that set-up would show
 * @throws FoveaError `engine_unavailable` */
export async function setUpEngine(format: string, onStep: (line: string) => void): Promise<void> {
  const need = NEEDS[format];
  if (need === undefined || (need.flag === '--onnxruntime' && existsSync(ADDON))) return;
  await runSetUp(need.flag, onStep, new AbortController().signal).catch((cause: unknown) => {
    const message = `The model needs ${need.engine}, which could not be set up: node setup/setup.mjs ${need.flag} tells why.`;
    throw new FoveaError('engine_unavailable', message, { cause });
  });
}
