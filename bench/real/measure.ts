/* The rate of one version, printed as JSON: `node measure.js <folder> <model> <threads> <seconds> <rows>`, for `engines.ts`. */
import { measureEngine } from '../architectures/measure-engine.js';
import { pixelsOf, versionOf } from './folder.js';

const [folder = '', model = '', threads, seconds, rows] = process.argv.slice(2);
const version = await versionOf(folder, model);
const pixels = await pixelsOf(folder, version.manifest.input.height);
const options = { threads: Number(threads), seconds: Number(seconds), rows: Number(rows) };
console.log(JSON.stringify(await measureEngine(version, pixels, options)));
