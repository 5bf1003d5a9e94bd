/*
 * Compares the decoder for small plain files with sharp on every test image of a data set: pixels, class of the
 * newest version, and its accuracy. Exits with an error unless all pixels are equal.
 * Run: `node dist/bench/decoder-agreement.bench.js <data> [models]`
 */
import './help.js';
import { availableParallelism } from 'node:os';
import { openSource } from '../src/learning/datasets/open.js';
import { prepareProcess } from '../src/models/engines/prepare-process.js';
import { loadEngine } from '../src/models/engines/select.js';
import { resolveVersion } from '../src/models/repository/resolve-version.js';
import { compareDecoders, type Truth } from '../tests/support/decoder-agreement.js';
import { describeMachine } from './machine.js';

const [, , data, modelsDir = 'models'] = process.argv;
if (data === undefined) throw new Error('Name the data: a folder or an archive.');

const choice = { engine: 'auto', device: 'cpu', precision: 'float32' } as const;
prepareProcess(choice, availableParallelism());
const version = await resolveVersion(modelsDir, {});
const { input, labels } = version.manifest;
const { engine } = await loadEngine(version, choice, {
  maxBatchSize: 1,
  threads: availableParallelism(),
  golden: [],
});

async function* testImages(source: string): AsyncGenerator<Truth> {
  const opened = await openSource(source, { cacheDir: '.' });
  for await (const { split, className, bytes } of opened.images()) {
    const label = labels.findIndex((name) => name.toLowerCase() === className.toLowerCase());
    if (split === 'test') yield { bytes, label };
  }
}

function percent(count: number, of: number): string {
  return `${((100 * count) / of).toFixed(2)} %`;
}

const agreement = await compareDecoders(testImages(data), { engine, input, classes: labels.length });
const { images, plain, largestDifference, identical, sameClass, rightWithPlain, rightWithSharp } = agreement;
console.log(`${describeMachine()}
${version.model} version ${version.version} on ${engine.name}, ${engine.precision}

test images                 ${images}, of which the fast decoder takes ${plain}
largest difference          ${largestDifference} of 255; ${identical} images are identical
same class                  ${sameClass} images, ${percent(sameClass, plain)}
accuracy, fast decoder      ${percent(rightWithPlain, plain)}
accuracy, sharp             ${percent(rightWithSharp, plain)}`);
if (plain === 0 || identical < plain) {
  console.error('The decoders do not agree.');
  process.exitCode = 1;
}
