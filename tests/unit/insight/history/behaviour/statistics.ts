import type { Test } from 'tap';
import { CONFIDENCE_BINS, confidenceBin, latencyBin } from '../../../../../src/insight/history/bins.js';
import { predictionIdOf } from '../../../../../src/insight/history/prediction-id.js';
import { type OpenHistory, recordAll } from '../../../../support/history.js';
import {
  ANIMALS,
  SAMPLE_TIME_MS,
  samplePrediction,
  samplePredictions,
} from '../../../../support/predictions.js';

function isNear(actual: number | null, wanted: number): boolean {
  return actual !== null && Math.abs(actual - wanted) < 1e-9;
}

/** Sums of any store. */
export function statisticsTests(t: Test, openTestHistory: OpenHistory): void {
  t.test('without predictions everything is zero or null', async (t) => {
    const history = await openTestHistory(t);
    const statistics = await history.statistics();
    t.match(statistics, {
      total_predictions: 0,
      total_errors: 0,
      average_confidence: null,
      min_confidence: null,
    });
    t.match(statistics, { max_confidence: null, average_prediction_time_ms: null });
    t.same(statistics.predictions_per_class, {});
    t.same(statistics.confidence_histogram, new Array(CONFIDENCE_BINS).fill(0));
  });

  t.test('the sums are those of the rows, over many groups, minutes and versions', async (t) => {
    const history = await openTestHistory(t);
    const rows = samplePredictions(2000).map((row, i) => {
      if (i % 10 === 9)
        return {
          ...row,
          answer: null,
          errorCode: i % 20 === 9 ? ('overloaded' as const) : ('engine_failed' as const),
        };
      return i % 3 === 0 ? { ...row, version: { ...ANIMALS, version: 2 } } : row;
    });
    await recordAll(history, rows);
    const answered = rows.filter(({ answer }) => answer !== null);
    const confidences = answered.map(({ answer }) => answer?.confidence ?? 0);
    const times = answered.map(({ predictionMs }) => predictionMs ?? 0);
    const statistics = await history.statistics();
    t.equal(statistics.total_predictions, 1800);
    t.ok(isNear(statistics.average_confidence, confidences.reduce((a, b) => a + b) / 1800));
    t.equal(statistics.min_confidence, Math.min(...confidences));
    t.equal(statistics.max_confidence, Math.max(...confidences));
    t.ok(isNear(statistics.average_prediction_time_ms, times.reduce((a, b) => a + b) / 1800));
    for (const [index, label] of ANIMALS.labels.entries()) {
      const wanted = answered.filter(({ answer }) => answer?.classIndex === index).length;
      t.equal(statistics.predictions_per_class[label], wanted, label);
    }
    const bins = new Array(CONFIDENCE_BINS).fill(0);
    for (const confidence of confidences) bins[confidenceBin(confidence)] += 1;
    t.same(statistics.confidence_histogram, bins);
    for (const [bin, { predictions }] of statistics.latency_histogram.entries()) {
      t.equal(predictions, times.filter((ms) => latencyBin(ms) === bin).length);
    }
    t.equal(statistics.total_errors, 200);
    t.same(statistics.errors_by_code, { overloaded: 100, engine_failed: 100 });
  });

  t.test('statistics can be had of one model and version', async (t) => {
    const history = await openTestHistory(t);
    const second = { ...ANIMALS, version: 2 };
    await recordAll(
      history,
      samplePredictions(30).map((row, i) => (i < 10 ? { ...row, version: second } : row)),
    );
    t.equal((await history.statistics({ model: 'animals' })).total_predictions, 30);
    t.equal((await history.statistics({ model: 'animals', version: 2 })).total_predictions, 10);
    t.equal((await history.statistics({ version: 1 })).total_predictions, 20);
    t.equal((await history.statistics({ model: 'nobody' })).total_predictions, 0);
  });

  t.test('a series has the hours in which there was something', async (t) => {
    const history = await openTestHistory(t);
    await recordAll(history, [...samplePredictions(45), samplePrediction(7200)]);
    const query = { from: '2025-03-01T00:00:00Z', to: '2025-03-02T00:00:00Z' };
    const hours = await history.series({ ...query, resolution: 'hour' });
    t.match(hours, [
      { start: '2025-03-01T12:00:00.000Z', total_predictions: 45 },
      { start: '2025-03-01T14:00:00.000Z', total_predictions: 1 },
    ]);
    t.same(hours[0]?.predictions_per_class, { Cat: 15, Dog: 15, Frog: 15 });
  });

  t.test('a series of minutes reaches back some days', async (t) => {
    const history = await openTestHistory(t);
    const minute = Math.floor(Date.now() / 60_000) * 60_000;
    const timesMs = [minute - 3600_000, minute - 120_000, minute - 119_000, minute - 90_000];
    await recordAll(
      history,
      timesMs.map((timeMs, i) => samplePrediction(i, { id: predictionIdOf(timeMs, new Uint8Array(16)) })),
    );
    const [from, to] = [minute - 7200_000, minute].map((ms) => new Date(ms).toISOString());
    t.match(await history.series({ resolution: 'minute', from: from ?? '', to: to ?? '' }), [
      { start: new Date(minute - 3600_000).toISOString(), total_predictions: 1 },
      { start: new Date(minute - 120_000).toISOString(), total_predictions: 3 },
    ]);
  });

  t.test('a series of too many points is bad_request', async (t) => {
    const history = await openTestHistory(t);
    const query = { from: '2025-03-01T00:00:00Z', to: '2025-03-03T00:00:00Z' };
    await t.rejects(history.series({ ...query, resolution: 'minute' }), { code: 'bad_request' });
    t.same(await history.series({ ...query, resolution: 'hour' }), []);
  });

  t.test('feedback counts in the hour of its prediction', async (t) => {
    const history = await openTestHistory(t);
    await recordAll(history, samplePredictions(3));
    await history.feedback(samplePrediction(2).id, { label: 'Frog' });
    const from = new Date(SAMPLE_TIME_MS).toISOString();
    const [hour] = await history.series({ resolution: 'hour', from, to: '2025-03-01T13:00:00Z' });
    t.same(hour?.feedback, { predictions: 1, accuracy: 1 });
    t.equal(hour?.total_predictions, 3);
  });
}
