import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CALIBRATION_FILE } from '../../src/models/engines/calibration.js';
import { calibrationText } from '../../src/models/engines/native/calibration.js';
import { calibrate } from '../../src/models/engines/native/native-calibrator.js';
import { openModel } from '../../src/models/formats/open-model.js';
import { type Network, pixelsOf, versionOf } from './folder.js';

const PROGRAM = fileURLToPath(new URL('../../../bench/real/quantize.py', import.meta.url));

/** Writes the ranges of one photograph beside the version, for int8, unless they are there. */
export async function calibrateVersion(network: Network, folder: string): Promise<void> {
  const version = await versionOf(folder, network.model);
  const { input } = version.manifest;
  const calibration = join(version.directory, CALIBRATION_FILE);
  if (existsSync(calibration)) return;
  const pixels = await pixelsOf(folder, network.side);
  const first = new Uint8Array(pixels.subarray(0, input.height * input.width * input.channels));
  const source = await openModel(version);
  await writeFile(calibration, calibrationText(calibrate(await source.plan(), input, [first])));
}

/** The network in int8 for all runtimes, with ranges of the same photograph. What the folder has already is kept. */
export async function quantizedOf(network: Network, folder: string, python: string): Promise<Network> {
  await calibrateVersion(network, folder);
  const onnx = network.onnx.replace('.exported.onnx', '.int8.onnx');
  const shape = `3,${network.side},${network.side}`;
  if (!existsSync(onnx))
    await promisify(execFile)(python, [PROGRAM, network.onnx, network.input, shape, onnx]);
  return { ...network, onnx };
}
