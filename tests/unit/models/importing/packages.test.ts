import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'tap';
import { z } from 'zod';
import { compileOnnx } from '../../../../src/models/formats/onnx/compile.js';
import { readOnnx } from '../../../../src/models/formats/onnx/read-onnx.js';
import { PACKAGED_MODELS } from '../../../../src/models/importing/packages/catalogue.js';
import { checkIntegrity } from '../../../../src/models/importing/packages/download-package.js';
import { efficientNetLite0 } from '../../../../src/models/importing/packages/efficientnet-lite.js';
import { sizeOf } from '../../../../src/models/plan/plan.js';
import { manifestSchema } from '../../../../src/models/repository/manifest.js';
import { MODEL_FIXTURES } from '../../../support/imported-models.js';

const MANIFEST = manifestSchema.parse({
  format: 2,
  model: 'imagenet',
  version: 1,
  created_at: '2026-11-28T00:00:00Z',
  description: '',
  labels: ['a'],
  input: { height: 224, width: 224, channels: 3, layout: 'nchw', scale: 1, offset: 0 },
  files: {},
  metrics: {},
});

test('another package than the pinned one is not used', (t) => {
  for (const pin of PACKAGED_MODELS.flatMap(({ packages }) => packages))
    t.throws(() => checkIntegrity(Buffer.from('something else'), pin), {
      code: 'model_invalid',
      message: /not the one that Fovea pins/,
    });
  t.end();
});

test('EfficientNet-Lite0 is a plan that uses every weight of the package', (t) => {
  const shapes = z
    .record(z.string(), z.array(z.number()))
    .parse(JSON.parse(readFileSync(join(MODEL_FIXTURES, 'efficientnet-lite0-shapes.json'), 'utf8')));
  const weights = new Map(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { shape, values: new Float32Array(sizeOf(shape)).fill(0.1) },
    ]),
  );
  const model = readOnnx(efficientNetLite0(weights));
  const named = new Set(model.graph.initializer.map(({ name }) => name));
  t.same(
    Object.keys(shapes).filter((name) => !named.has(name)),
    [],
  );
  t.match(compileOnnx(model, MANIFEST, new Map()), { plan: { inputShape: [224, 224, 3], classes: 1000 } });
  t.throws(() => efficientNetLite0(new Map()), { code: 'model_invalid', message: /_conv_stem.weight/ });
  t.end();
});
