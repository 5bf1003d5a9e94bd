import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { loadConfig } from '../../../src/app/config/load.js';
import { createProgram } from '../../../src/cli/program.js';
import { evaluationTaskSchema } from '../../../src/learning/evaluation/evaluation-task.js';
import { runEvaluation } from '../../../src/learning/evaluation/run.js';
import { loadBase } from '../../../src/learning/training/base.js';
import { digestsOf } from '../../../src/models/repository/add-file.js';
import type { ModelVersion } from '../../../src/models/repository/model-version.js';
import { mobileNet } from '../../support/architectures.js';
import { makeImageFolder } from '../../support/image-folder.js';
import { writeModelVersion } from '../../support/model-version.js';

/** A version with one weight that is NaN, in a repository of its own. */
async function brokenVersion(models: string): Promise<ModelVersion> {
  const version = await writeModelVersion(join(models, 'fixture', '1'), mobileNet());
  const path = join(version.directory, 'weights.bin');
  const weights = await readFile(path);
  weights.writeFloatLE(Number.NaN, weights.length - 4);
  await writeFile(path, weights);
  const { files, ...manifest } = version.manifest;
  const broken = { ...manifest, files: { ...files, ...digestsOf({ 'weights.bin': weights }) } };
  await writeFile(join(version.directory, 'manifest.json'), JSON.stringify(broken));
  return { ...version, manifest: broken };
}

const REFUSED = { code: 'model_invalid', message: /not finite/ };

async function command(t: Test, models: string, ...words: readonly string[]): Promise<void> {
  const program = await createProgram(loadConfig({ FOVEA_MODELS_DIR: models, FOVEA_STATE_DIR: t.testdir() }));
  await program.parseAsync(['node', 'fovea', ...words, '--model', 'fixture']);
}

t.test('a version with a weight that is not finite is refused by everything that loads it', async (t) => {
  const folder = t.testdir();
  const models = join(folder, 'models');
  const version = await brokenVersion(models);
  const image = 'tests/fixtures/images/cat-0000.jpg';
  const data = await makeImageFolder(join(folder, 'data'));

  await t.test('fovea predict', (t) => t.rejects(command(t, models, 'predict', image), REFUSED));
  await t.test('fovea evaluate', (t) => t.rejects(command(t, models, 'evaluate', '--data', data), REFUSED));
  await t.test('an evaluation', (t) => {
    const auto = { ratesDir: folder, calibrationsDir: folder, maxInt8LossPoints: 0, threads: 1 };
    const task = evaluationTaskSchema.parse({
      version,
      data: 'configured',
      places: { configured: data, cache_dir: folder, state_dir: folder },
      ...{ engine: 'auto', device: 'cpu', precision: 'auto', auto_precision: auto },
      ...{ max_batch_size: 1, max_input_pixels: 1e6 },
    });
    return t.rejects(
      runEvaluation(task, () => undefined),
      REFUSED,
    );
  });
  await t.test('a training that starts from it', (t) =>
    t.rejects(loadBase(version, version.manifest.labels, 1), REFUSED),
  );
});
