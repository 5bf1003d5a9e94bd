import { writeFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { modelsDirsOf } from '../app/config/derived.js';
import type { Config } from '../app/config/schema.js';
import { exportOnnx } from '../models/exporting/onnx/export-onnx.js';
import { openModel } from '../models/formats/open-model.js';
import { resolveVersion } from '../models/repository/resolve-version.js';
import { FoveaError } from '../platform/errors.js';

async function run(config: Config, place: string, file: string): Promise<void> {
  const [model = '', number] = place.split('/');
  const wanted = { model, version: number === undefined ? undefined : Number(number) };
  if (wanted.version !== undefined && !(Number.isSafeInteger(wanted.version) && wanted.version > 0))
    throw new FoveaError(
      'bad_request',
      `Expected <model> or <model>/<version>, such as pets/2, not ${place}.`,
    );
  const version = await resolveVersion(modelsDirsOf(config), wanted);
  const source = await openModel(version);
  const compiled = await source.plan();
  if ('unsupported' in compiled) {
    const { layer, reason } = compiled.unsupported;
    const remedy =
      source.format === 'onnx' ? 'It is an ONNX file already: copy model.onnx of the version.' : '';
    throw new FoveaError('bad_request', `No plan expresses the model: ${layer} ${reason}. ${remedy}`.trim());
  }
  const bytes = exportOnnx(compiled.plan, version.manifest);
  await writeFile(file, bytes, { flag: 'wx' }).catch((cause: unknown) => {
    throw new FoveaError('bad_request', `${file} cannot be written: it exists, or its folder does not.`, {
      cause,
    });
  });
  console.log(`${version.model} version ${version.version}: ${file}, ${(bytes.length / 1e6).toFixed(1)} MB`);
}

export function exportCommand(config: Config): Command {
  return new Command('export')
    .description('Write a version of a model as a file that other tools read.')
    .argument('<model>', 'its name, or <name>/<version> (default: the newest accepted version)')
    .argument('<file>', 'a new file, such as model.onnx')
    .addOption(new Option('--format <name>', 'of the file').choices(['onnx']).default('onnx'))
    .action((place: string, file: string) => run(config, place, file));
}
