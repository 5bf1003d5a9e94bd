import { existsSync } from 'node:fs';
import { ADDON } from '../models/engines/onnxruntime/addon-file.js';
import { FoveaError } from '../platform/errors.js';
import { runSetUp } from '../platform/run-set-up.js';

/** Fetches ONNX Runtime unless it is there: only models that no plan expresses need it.
 * @param onStep hears each line that set-up would show
 * @throws FoveaError `engine_unavailable` */
export async function setUpOnnxRuntime(onStep: (line: string) => void): Promise<void> {
  if (existsSync(ADDON)) return;
  await runSetUp('--onnxruntime', onStep, new AbortController().signal).catch((cause: unknown) => {
    const message =
      'The model needs ONNX Runtime, which could not be set up: node setup/setup.mjs --onnxruntime tells why.';
    throw new FoveaError('engine_unavailable', message, { cause });
  });
}
