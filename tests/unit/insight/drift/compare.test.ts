import t from 'tap';
import { compareWithBaseline, type Observed } from '../../../../src/insight/drift/compare.js';
import { STATISTIC_BINS, STATISTIC_RANGES } from '../../../../src/insight/drift/input-statistics.js';
import type { DriftBaseline, Histogram } from '../../../../src/models/repository/manifest.js';
import { modelOutputSchema } from '../../../../src/models/repository/model-output.js';

const THRESHOLDS = { warningAt: 0.1, driftedAt: 0.25, minSamples: 100 };
const EVEN = new Array<number>(STATISTIC_BINS).fill(50);
const histogram = (max: number): Histogram => ({ min: 0, max, counts: EVEN });

const BASELINE: DriftBaseline = {
  images: 1000,
  class_counts: [500, 500],
  confidence: histogram(1),
  brightness: histogram(STATISTIC_RANGES.brightness),
  contrast: histogram(STATISTIC_RANGES.contrast),
  saturation: histogram(STATISTIC_RANGES.saturation),
  sharpness: histogram(STATISTIC_RANGES.sharpness),
};

const OUTPUT = modelOutputSchema.parse({});
const MANIFEST = { labels: ['Cat', 'Dog'], output: OUTPUT, drift_baseline: BASELINE };

const AS_TRAINED: Observed = {
  total_predictions: 500,
  predictions_per_class: { Cat: 250, Dog: 250 },
  confidence_histogram: EVEN,
  input_histograms: { brightness: EVEN, contrast: EVEN, saturation: EVEN, sharpness: EVEN },
};

t.test('what is as it was in training is ok', (t) => {
  const { state, signals } = compareWithBaseline(MANIFEST, AS_TRAINED, THRESHOLDS);
  t.equal(state, 'ok');
  t.match(signals.brightness, { state: 'ok', psi: 0, samples: 1000 });
  t.end();
});

t.test('the worst signal decides, from a little to a lot', (t) => {
  const stateOf = (cats: number, dogs: number) =>
    compareWithBaseline(
      MANIFEST,
      { ...AS_TRAINED, predictions_per_class: { Cat: cats, Dog: dogs } },
      THRESHOLDS,
    ).state;
  t.equal(stateOf(300, 200), 'ok');
  t.equal(stateOf(340, 160), 'warning');
  t.equal(stateOf(450, 50), 'drifted');
  t.end();
});

t.test('with too few samples there is no verdict, however far they are', (t) => {
  const few = { ...AS_TRAINED, predictions_per_class: { Cat: 99 } };
  t.equal(compareWithBaseline(MANIFEST, few, THRESHOLDS).signals.classes.state, 'insufficient_data');
  t.end();
});

t.test('a signal without a baseline that can be compared is said to have none', (t) => {
  const other = { ...BASELINE, contrast: { min: 0, max: 2, counts: EVEN }, class_counts: [1, 2, 3] };
  const { state, signals } = compareWithBaseline(
    { ...MANIFEST, drift_baseline: other },
    AS_TRAINED,
    THRESHOLDS,
  );
  t.match(signals.contrast, { state: 'baseline_missing', psi: null });
  t.match(signals.classes, { state: 'baseline_missing', psi: null });
  t.equal(state, 'ok');
  const none = compareWithBaseline({ labels: MANIFEST.labels, output: OUTPUT }, AS_TRAINED, THRESHOLDS);
  t.equal(none.state, 'insufficient_data');
  t.end();
});

t.test('of several labels the one that changed most decides, by its share of the images', (t) => {
  const several = { ...MANIFEST, output: modelOutputSchema.parse({ task: 'multi' }) };
  const of = (images: number, cats: number, dogs: number) =>
    compareWithBaseline(
      several,
      { ...AS_TRAINED, total_predictions: images, predictions_per_class: { Cat: cats, Dog: dogs } },
      THRESHOLDS,
    ).signals.classes;
  t.match(of(500, 250, 250), { state: 'ok', samples: 500 });
  // The labels keep their proportion to each other, but half as many images have them.
  t.match(of(500, 125, 125), { state: 'drifted', samples: 500 });
  t.equal(of(500, 250, 125).psi, of(500, 125, 125).psi);
  t.match(of(99, 99, 0), { state: 'insufficient_data', samples: 99 });
  t.match(of(0, 0, 0), { state: 'insufficient_data', psi: null });
  t.end();
});
