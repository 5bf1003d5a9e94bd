import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'tap';
import { z } from 'zod';
import type { EngineChoice } from '../../../../src/models/engines/providers.js';
import type { Selected } from '../../../../src/models/engines/select.js';
import type { ModelVersion } from '../../../../src/models/repository/model-version.js';
import { mobileNet } from '../../../support/architectures.js';
import { writeModelVersion } from '../../../support/model-version.js';
import { installWithoutLibtensorflow } from '../../../support/without-libtensorflow.js';

const OPTIONS = { maxBatchSize: 4, threads: 1, golden: [] };

type Load = (version: ModelVersion, choice: EngineChoice, options: typeof OPTIONS) => Promise<Selected>;
const selectModule = z.object({ loadEngine: z.custom<Load>((value) => typeof value === 'function') });

test('without libtensorflow and native addon the wasm engine takes over and says why', async (t) => {
  const version = await writeModelVersion(t.testdir({ model: {}, install: {} }), mobileNet());
  const dist = await installWithoutLibtensorflow(join(t.testdirName, 'install'));
  const file = pathToFileURL(join(dist, 'src/models/engines/select.js')).href;
  const { loadEngine: load } = selectModule.parse(await import(file));

  const { engine, passedOver } = await load(version, { engine: 'auto', device: 'auto' }, OPTIONS);
  t.equal(engine.name, 'wasm');
  t.match(passedOver.at(-3), /^native on cpu: Its addon cannot be loaded.*set-up/);
  t.match(passedOver.at(-2), /^onnxruntime on cpu: /);
  t.match(passedOver.at(-1), /^tensorflow on cpu: libtensorflow's addon cannot be loaded/);
  t.notMatch(passedOver.join(), t.testdirName, 'no path of this machine');
  engine.warmUp();
  const tensorflowOnly: EngineChoice = { engine: 'tensorflow', device: 'cpu' };
  await t.rejects(load(version, tensorflowOnly, OPTIONS), { code: 'engine_unavailable' });
});
