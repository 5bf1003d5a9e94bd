import type { Test } from 'tap';
import { newPredictionId } from '../../../../../src/insight/history/prediction-id.js';
import { type OpenHistory, recordAll } from '../../../../support/history.js';
import { ANIMALS, samplePrediction, samplePredictions } from '../../../../support/predictions.js';

/** Recording and feedback of any store. */
export function recordTests(t: Test, openTestHistory: OpenHistory): void {
  t.test('a prediction comes back as it was recorded', async (t) => {
    const history = await openTestHistory(t);
    const row = samplePrediction(1);
    await history.record(row);
    t.same(await history.byId(row.id), {
      id: row.id,
      timestamp: '2025-03-01T12:00:31.000Z',
      request_id: 'request-1',
      model: 'animals',
      version: 1,
      predicted_class: 'Dog',
      predicted_class_index: 1,
      confidence: 0.51,
      margin: null,
      entropy: null,
      distance: null,
      all_probabilities: { Cat: 0.245, Dog: 0.51, Frog: 0.245 },
      prediction_time_ms: 1,
      queue_ms: 0.5,
      decode_ms: 1.25,
      inference_ms: 2,
      source: 'http',
      image_sha256: row.imageSha256,
      image_width: 640,
      image_height: 480,
      image_format: 'jpeg',
      client_hash: 'c1',
      error_code: null,
      feedback_label: null,
      shadow_of: null,
    });
  });

  t.test('a prediction that failed before anything was known has its error and its time', async (t) => {
    const history = await openTestHistory(t);
    const nothing = { version: null, answer: null, queueMs: null, decodeMs: null, inferenceMs: null };
    const image = { imageSha256: null, imageWidth: null, imageHeight: null, imageFormat: null };
    const row = { ...samplePrediction(0), ...nothing, ...image, predictionMs: null, requestId: null };
    await history.record({ ...row, clientHash: null, errorCode: 'undecodable_image' });
    const stored = await history.byId(row.id);
    t.match(stored, { error_code: 'undecodable_image', timestamp: '2025-03-01T12:00:30.000Z' });
    t.match(stored, { model: null, predicted_class: null, confidence: null, all_probabilities: null });
  });

  t.test('an id that was never given, or is none, is not_found', async (t) => {
    const history = await openTestHistory(t);
    await t.rejects(history.byId('7'), { code: 'not_found' });
    await t.rejects(history.byId(newPredictionId()), { code: 'not_found' });
    await t.rejects(history.feedback(newPredictionId(), { label: 'Cat' }), { code: 'not_found' });
  });

  t.test('the same id twice is one prediction', async (t) => {
    const history = await openTestHistory(t);
    await recordAll(history, samplePredictions(10));
    await recordAll(history, samplePredictions(11));
    t.match(history.counters, { writtenRows: 11, storedRows: 11 });
    t.equal((await history.statistics()).total_predictions, 11);
  });

  t.test('the true label can be told, and told anew', async (t) => {
    const history = await openTestHistory(t);
    await recordAll(history, samplePredictions(4));
    const { id } = samplePrediction(0);
    const feedback = async (): Promise<unknown> => (await history.statistics()).feedback;
    await history.feedback(id, { label: 'Cat' });
    t.same(await feedback(), { predictions: 1, accuracy: 1 });
    await history.feedback(id, { label: 'Cat' });
    t.same(await feedback(), { predictions: 1, accuracy: 1 });
    await history.feedback(samplePrediction(1).id, { label: 'Frog' });
    t.same(await feedback(), { predictions: 2, accuracy: 0.5 });
    t.same(
      await history.feedback(id, { label: 'dog' }),
      { label: 'Dog' },
      'case does not matter, as for uploads',
    );
    t.same(await feedback(), { predictions: 2, accuracy: 0 });
    t.equal((await history.byId(id)).feedback_label, 'Dog');
  });

  t.test(
    'a label that the model does not know is bad_request, as is one for a failed prediction',
    async (t) => {
      const history = await openTestHistory(t);
      const failed = samplePrediction(1, { answer: null, errorCode: 'engine_failed' });
      await recordAll(history, [samplePrediction(0), failed]);
      await t.rejects(history.feedback(samplePrediction(0).id, { label: 'Zebra' }), { code: 'bad_request' });
      await t.rejects(history.feedback(failed.id, { label: 'Cat' }), { code: 'bad_request' });
      t.equal((await history.byId(samplePrediction(0).id)).feedback_label, null);
    },
  );

  t.test('feedback finds a prediction that was recorded just before', async (t) => {
    const history = await openTestHistory(t, { durability: 'relaxed' });
    history.record(samplePrediction(0));
    await history.feedback(samplePrediction(0).id, { label: 'Cat' });
    t.equal((await history.byId(samplePrediction(0).id)).feedback_label, 'Cat');
  });

  t.test('versions with other labels do not mix', async (t) => {
    const history = await openTestHistory(t);
    const second = { ...ANIMALS, version: 2, labels: ['Frog', 'Cat', 'Dog'] };
    await recordAll(history, [samplePrediction(0), samplePrediction(24, { version: second })]);
    t.match(await history.byId(samplePrediction(0).id), { predicted_class: 'Cat', version: 1 });
    t.match(await history.byId(samplePrediction(24).id), {
      predicted_class: 'Frog',
      version: 2,
      all_probabilities: { Frog: 0.74, Cat: 0.13, Dog: 0.13 },
    });
  });

  t.test('what comes after close is refused', async (t) => {
    const problems: string[] = [];
    const history = await openTestHistory(t, {
      onProblem: ({ code }) => problems.push(code),
    });
    await history.close();
    await t.rejects(Promise.resolve(history.record(samplePrediction(0))), { code: 'history_failed' });
    await t.rejects(history.statistics(), { code: 'history_failed' });
    t.equal(history.counters.failedRows, 1);
    t.same(problems, ['history_failed']);
  });

  t.test(
    'more reads than may wait are overloaded; those that wait are answered before the end',
    async (t) => {
      const history = await openTestHistory(t);
      const reads = Array.from({ length: 300 }, () => history.statistics());
      const settled = Promise.allSettled(reads);
      await history.close();
      const refused = (await settled).flatMap((read): unknown[] =>
        read.status === 'rejected' ? [read.reason] : [],
      );
      t.equal(refused.length, 300 - 256);
      t.match(refused[0], { code: 'overloaded' });
    },
  );
}
