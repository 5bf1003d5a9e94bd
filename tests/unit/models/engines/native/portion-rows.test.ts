import { test } from 'tap';
import { openAddon } from '../../../../../native/index.js';
import { NativeEngine } from '../../../../../src/models/engines/native/native-engine.js';
import { portionRowsOf } from '../../../../../src/models/engines/native/portion-rows.js';
import { INPUT_VALUE, type Plan } from '../../../../../src/models/plan/plan.js';
import { stretchedInput } from '../../../../../src/models/repository/image-input.js';

const CHANNELS = 3;

/** ReLU on the image, then the means of its channels as classes: without weights, so that all memory is working memory. */
function planOf(side: number): Plan {
  const image = [side, side, CHANNELS];
  const of = (input: number) => ({ layer: `layer ${input}`, inputs: [input], output: input + 1 });
  return {
    inputShape: image,
    steps: [
      { op: 'activation', ...of(INPUT_VALUE), shape: image, activation: { kind: 'relu', alpha: 0 } },
      { op: 'globalAveragePool', ...of(1), shape: [CHANNELS] },
      { op: 'activation', ...of(2), shape: [CHANNELS], activation: { kind: 'softmax', alpha: 0 } },
    ],
    output: 3,
    classes: CHANNELS,
  };
}

test('small images run eight at a time on each thread; large ones as many as 16 MiB hold', async (t) => {
  // ReLU's input and output have 24 bytes a pixel together: 1.1 MiB at 224 × 224.
  t.strictSame(
    [32, 224, 400, 600, 800, 2000].map((side) => portionRowsOf(planOf(side), 1)),
    [8, 8, 4, 1, 1, 1],
  );
  t.equal(portionRowsOf(planOf(400), 4), 16);
});

test('an engine for large images works in the memory of one image, not of eight', async (t) => {
  const opened = openAddon();
  if ('failure' in opened) throw new Error('native/ is not built.', { cause: opened.failure });
  const side = 1024;
  const input = stretchedInput({ height: side, width: side, channels: CHANNELS }, 1);
  const before = process.memoryUsage.rss();
  const engine = new NativeEngine({
    ...{ addon: opened.addon, plan: planOf(side), input, outputKind: 'probabilities', precision: 'float32' },
    ...{ maxBatchSize: 64, threads: 1, threadsAlone: 1 },
  });
  t.teardown(() => engine.dispose());
  // One image takes 25 MB, eight take 200 MB.
  t.ok(process.memoryUsage.rss() - before < 100e6);
  const pixels = new Uint8Array(3 * side * side * CHANNELS).fill(128);
  const outputs = new Float32Array(3 * CHANNELS);
  engine.run(pixels, 3, outputs);
  t.ok(outputs.every((share) => Math.abs(share - 1 / CHANNELS) < 1e-6));
});
