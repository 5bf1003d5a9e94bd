import sharp from 'sharp';
import t, { type Test } from 'tap';
import { drawChart } from '../../../../src/insight/charts/draw.js';
import { driftOverTime } from '../../../../src/insight/charts/drift-over-time.js';
import { DriftReader } from '../../../../src/insight/drift/drift-reader.js';
import { STATISTIC_BINS, STATISTIC_RANGES } from '../../../../src/insight/drift/input-statistics.js';
import type { History } from '../../../../src/insight/history/history.js';
import { predictionIdOf } from '../../../../src/insight/history/prediction-id.js';
import type { Histogram } from '../../../../src/models/repository/manifest.js';
import type { ModelVersion } from '../../../../src/models/repository/model-version.js';
import { resolveVersion } from '../../../../src/models/repository/resolve-version.js';
import { openTestHistory, recordAll } from '../../../support/history.js';
import { samplePrediction } from '../../../support/predictions.js';

const HOUR_MS = 3_600_000;
const FIRST_MS = Date.parse('2025-03-01T10:00:00.000Z');
const NOW_MS = FIRST_MS + 6 * HOUR_MS;
const THRESHOLDS = { warningAt: 0.1, driftedAt: 0.25, minSamples: 100 };

const even = (max: number): Histogram => ({ min: 0, max, counts: new Array(STATISTIC_BINS).fill(50) });

/** The shipped model, as if its training had seen each brightness equally often. */
async function evenlyTrained(): Promise<ModelVersion> {
  const version = await resolveVersion('models', { model: 'cifar10-cnn' });
  const baseline = version.manifest.drift_baseline;
  if (baseline === undefined) throw new Error('The shipped model has a baseline.');
  const { brightness, contrast, saturation, sharpness } = STATISTIC_RANGES;
  const drift_baseline = {
    images: 1000,
    class_counts: baseline.class_counts.map(() => 100),
    confidence: even(1),
    brightness: even(brightness),
    contrast: even(contrast),
    saturation: even(saturation),
    sharpness: even(sharpness),
  };
  return { ...version, manifest: { ...version.manifest, drift_baseline } };
}

/** What of images are measured, spread over all that there is, or over the dark part of it. */
function statisticsOf(number: number, isDark: boolean) {
  const place = ((number * 7) % 100) / 100;
  return {
    brightness: place * STATISTIC_RANGES.brightness * (isDark ? 0.2 : 1),
    contrast: place * STATISTIC_RANGES.contrast,
    saturation: place * STATISTIC_RANGES.saturation,
    sharpness: place * STATISTIC_RANGES.sharpness,
  };
}

interface Hour {
  readonly hour: number;
  readonly images: number;
  /** Of so many brightness and the like are known. */
  readonly measured?: number;
  readonly isDark?: boolean;
}

async function record(history: History, version: ModelVersion, hours: readonly Hour[]): Promise<void> {
  const { labels } = version.manifest;
  for (const { hour, images, measured = images, isDark = false } of hours) {
    const rows = Array.from({ length: images }, (_, number) => {
      const digest = new Uint8Array(16);
      new DataView(digest.buffer).setUint32(4, number);
      const classIndex = number % labels.length;
      const confidence = (number % 100) / 100;
      return samplePrediction(number, {
        id: predictionIdOf(FIRST_MS + hour * HOUR_MS + number, digest),
        version: { model: version.model, version: version.version, labels },
        answer: { classIndex, confidence, probabilities: new Float32Array() },
        inputStatistics: number < measured ? statisticsOf(number, isDark) : null,
      });
    });
    await recordAll(history, rows);
  }
}

async function chartOf(t: Test, hours: readonly Hour[]) {
  const history = await openTestHistory(t);
  const version = await evenlyTrained();
  await record(history, version, hours);
  const reader = new DriftReader(history, THRESHOLDS);
  const chart = driftOverTime(
    await reader.overTime(version, { window: 'hour', periods: 168 }, NOW_MS),
    'a test',
  );
  if (chart?.kind !== 'drift_over_time') throw new Error('There is nothing to show.');
  const indicesOf = (signal: string) => chart.lines.find((line) => line.signal === signal)?.indices;
  return { chart, indicesOf };
}

t.test('hours without enough images are gaps, and so are those in which too few were measured', async (t) => {
  const { chart, indicesOf } = await chartOf(t, [
    { hour: 0, images: 200 },
    { hour: 1, images: 99 },
    { hour: 3, images: 200, measured: 50 },
    { hour: 4, images: 200, isDark: true },
    { hour: 5, images: 20 },
  ]);
  t.same(
    chart.hours,
    ['10', '11', '12', '13', '14'].map((hour) => `2025-03-01T${hour}:00:00.000Z`),
    'as far as there is something to say',
  );
  t.same(chart.thresholds, { warning: 0.1, drifted: 0.25 });
  t.same(
    indicesOf('classes')?.map((index) => index !== null),
    [true, false, false, true, true],
  );
  const [before, , , unmeasured, dark] = indicesOf('brightness') ?? [];
  t.equal(unmeasured, null);
  t.ok((before ?? 1) < 0.1, `as trained: ${before}`);
  t.ok((dark ?? 0) > 0.25, `darkened: ${dark}`);
});

t.test('without a verdict there is nothing to show', async (t) => {
  await t.rejects(chartOf(t, [{ hour: 0, images: 99 }]), /nothing to show/);
  await t.rejects(chartOf(t, []), /nothing to show/);
});

t.test('a signal that was never measured has no line', async (t) => {
  const { chart } = await chartOf(t, [{ hour: 0, images: 200, measured: 0 }]);
  t.same(
    chart.lines.map(({ signal }) => signal),
    ['classes', 'confidence'],
  );
});

/** Pixels of the plot that are dashes' grey; the lines of the signals are coloured. */
async function darkPixels(png: Uint8Array): Promise<number> {
  const area = { left: 160, top: 160, width: 1560, height: 900 };
  const pixels = await sharp(png).extract(area).greyscale().raw().toBuffer();
  return pixels.filter((value) => value < 200).length;
}

t.test('one hour alone is drawn, and a week', async (t) => {
  const { chart } = await chartOf(t, [{ hour: 0, images: 200, isDark: true }]);
  t.ok((await darkPixels(await drawChart(chart))) > 1000);
  const hours = Array.from({ length: 168 }, (_, hour) => new Date(FIRST_MS + hour * HOUR_MS).toISOString());
  const lines = chart.lines.map((line, place) => ({
    ...line,
    indices: hours.map((_, hour) => (hour % 24 < 4 ? null : place + 0.01 * hour)),
  }));
  const png = await drawChart({ ...chart, hours, lines });
  t.match(await sharp(png).metadata(), { format: 'png', width: 1800, height: 1280 });
  t.ok((await darkPixels(png)) > 10_000);
  const { thresholds } = chart;
  t.ok(
    await drawChart({ ...chart, thresholds: { ...thresholds, warning: 0 } }),
    'a level of 0 is a line, too',
  );
});
