/*
 * Heads of several labels beside scikit-learn's logistic regressions on the same features: prints scikit-learn's rows, and how well the distance
 * from the labels' means tells the images of far/, where there are some. Fovea's come from
 * `fovea train --task multi` and `fovea evaluate` on the same images (`bench/results/few-images.md`).
 * Run: `node dist/bench/several-labels.bench.js --data <folder of learn/, test/ and perhaps far/ by mosaics.py> --models <repository with imagenet>
 *   --python <interpreter with scikit-learn> [--keep <folder>]`
 */
import './help.js';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { addFeatures } from './few-images/features.js';

const SECONDS = 300;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    models: { type: 'string', default: 'models' },
    python: { type: 'string', default: 'python3' },
    keep: { type: 'string', default: 'cache/several-labels' },
  },
});
const { data, models, python, keep } = z
  .object({ data: z.string(), models: z.string(), python: z.string(), keep: z.string() })
  .parse(values);

for (const name of ['learn', 'test', 'far'].filter((each) => existsSync(join(data, each))))
  await addFeatures(join(keep, `${name}.f32`), { folder: join(data, name) }, { models, seconds: SECONDS });
const script = join(import.meta.dirname, '../../bench/few-images/several_labels.py');
console.log(execFileSync(python, [script, keep, data], { encoding: 'utf8' }));
