import t from 'tap';
import { softmaxRows } from '../../../../../src/learning/training/head/softmax-rows.js';
import { temperatureOf } from '../../../../../src/learning/training/head/temperature.js';

const CLASSES = 3;
const TARGETS = { outputs: CLASSES, labelSets: undefined };

/** Logits under which class 0 has this probability; class 0 is the truth of that share of the images. */
function honest(probability: number, images: number) {
  const logit = Math.log((probability * (CLASSES - 1)) / (1 - probability));
  return {
    logits: Float32Array.from({ length: images * CLASSES }, (_, at) => (at % CLASSES === 0 ? logit : 0)),
    truth: Array.from({ length: images }, (_, row) => (row < probability * images ? 0 : 1 + (row % 2))),
  };
}

t.test('a temperature undoes a factor on the logits', async (t) => {
  const { logits, truth } = honest(0.8, 2000);
  for (const factor of [0.5, 1, 3]) {
    const found = temperatureOf(
      logits.map((logit) => factor * logit),
      truth,
      TARGETS,
    );
    t.ok(Math.abs(found / factor - 1) < 0.01, `${found} for ${factor}`);
  }
});

t.test('few images that are all answered right ask for no certainty', async (t) => {
  const logits = Float32Array.from([2, 0, 0, 0, 2, 0, 0, 0, 2]);
  const [before = 0] = softmaxRows(logits, CLASSES);
  const [confidence = 1] = softmaxRows(logits, CLASSES, temperatureOf(logits, [0, 1, 2], TARGETS));
  t.ok(confidence > before && confidence < 0.9, `${before}, then ${confidence}`);
});

t.test('the probability of a label is calibrated by its images with and without it', async (t) => {
  // One label, present in 80 % of the images.
  const classes = Array.from({ length: 20_000 }, (_, row) => Number(row < 16_000));
  const targets = { outputs: 1, labelSets: [new Set<number>(), new Set([0])] };
  const logits = new Float32Array(20_000).fill(3 * Math.log(4));
  const found = temperatureOf(logits, classes, targets);
  t.ok(Math.abs(found / 3 - 1) < 0.01, `${found}`);
});
