import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'tap';
import { ADDON } from '../../../../src/models/engines/onnxruntime/addon-file.js';
import { exportOnnx } from '../../../../src/models/exporting/onnx/export-onnx.js';
import { openModel } from '../../../../src/models/formats/open-model.js';
import { Facts } from '../../../../src/models/importing/facts.js';
import { IMPORT_LIMITS } from '../../../../src/models/importing/import-limits.js';
import {
  inTemporaryVersion,
  type ReadModel,
  readModel,
} from '../../../../src/models/importing/import-model.js';
import { statePreset } from '../../../../src/models/importing/state-preset.js';
import { furthestOff, labelled } from '../../../support/import-fixture.js';
import { MODEL_FIXTURES } from '../../../support/imported-models.js';
import { loadNative, loadOnnxRuntime } from '../../../support/load-engine.js';

async function exported(model: ReadModel): Promise<Uint8Array> {
  return inTemporaryVersion(model, async (version) => {
    const compiled = await (await openModel(version)).plan();
    if ('unsupported' in compiled) throw new Error('The fixture has a plan.');
    return exportOnnx(compiled.plan, version.manifest);
  });
}

function torchFacts(): Facts {
  const facts = new Facts();
  facts.state('labels', ['a', 'b', 'c', 'd'], '--labels');
  statePreset(facts, 'torchvision');
  facts.state('activation', 'softmax', '--activation');
  return facts;
}

for (const [file, facts] of Object.entries({
  'nested.keras': labelled,
  graph: labelled,
  'residual.onnx': torchFacts,
  'transformer.onnx': torchFacts,
  'windows.onnx': torchFacts,
  'shuffled.onnx': torchFacts,
}))
  test(`${file} as ONNX needs no flag to be imported again, and answers as before`, async (t) => {
    const model = await readModel(join(MODEL_FIXTURES, file), facts(), IMPORT_LIMITS);
    const path = join(t.testdir(), 'exported.onnx');
    await writeFile(path, await exported(model));
    const again = await readModel(path, new Facts(), IMPORT_LIMITS);
    const { height, width, resize, crop } = model.draft.input;
    t.match(again, {
      kind: /^ONNX of fovea, opset (17|20)$/,
      planProblem: null,
      draft: {
        labels: ['a', 'b', 'c', 'd'],
        input: { height, width, resize, crop, layout: 'nchw' },
        output: { activation: 'none' },
      },
    });
    t.ok((await furthestOff(again, loadNative, file)) < 1e-4);
    if (existsSync(ADDON)) t.ok((await furthestOff(again, loadOnnxRuntime, file)) < 1e-4, 'ONNX Runtime');
    else t.comment('ONNX Runtime is not set up: node setup/setup.mjs --onnxruntime');
  });
