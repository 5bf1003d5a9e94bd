/* The rate of one version, printed as JSON: `node measure.js <folder> <model> <threads> <seconds> <rows> float32|int8`, for `engines.ts`. */
import { z } from 'zod';
import { measureEngine } from '../architectures/measure-engine.js';
import { pixelsOf, versionOf } from './folder.js';

const [folder = '', model = '', threads, seconds, rows, precision] = process.argv.slice(2);
const version = await versionOf(folder, model);
const pixels = await pixelsOf(folder, version.manifest.input.height);
const options = {
  ...{ threads: Number(threads), seconds: Number(seconds), rows: Number(rows) },
  precision: z.enum(['float32', 'int8']).parse(precision),
};
console.log(JSON.stringify(await measureEngine(version, pixels, options)));
