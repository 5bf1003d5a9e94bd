import t from 'tap';
import { unusualImagesOf } from '../../../../src/insight/drift/unusual-images.js';
import { openTestHistory, recordAll } from '../../../support/history.js';
import { testManifest } from '../../../support/model-version.js';
import { ANIMALS, SAMPLE_TIME_MS, samplePrediction } from '../../../support/predictions.js';

t.test('the most unusual kept images of a head, none of other versions', async (t) => {
  const history = await openTestHistory(t);
  const rows = Array.from({ length: 20 }, (_, number) =>
    samplePrediction(number, { reviewScores: { margin: 0.5, entropy: 0.5, distance: (number * 7) % 20 } }),
  );
  await recordAll(history, rows);
  const keptImages = { oldestMs: SAMPLE_TIME_MS, pathOf: (sha256: string) => `/kept/${sha256}` };
  const trunk = {
    digest: 'a',
    width: 2,
    head: 'head.f32',
    distance: { class_means: 'class-means.f32', median: 0, p95: 1 },
  };
  const { model, version } = ANIMALS;
  const head = { model, version, directory: '', manifest: { ...testManifest({}), trunk } };
  const from = new Date(SAMPLE_TIME_MS - 1000).toISOString();
  const found = await unusualImagesOf({ history, keptImages }, head, from);
  t.same(
    found.map(({ distance }) => distance),
    [19, 18, 17, 16, 15, 14],
  );
  const farthest = rows.find(({ reviewScores }) => reviewScores?.distance === 19);
  t.equal(found[0]?.prediction_id, farthest?.id);
  t.same(await unusualImagesOf({ history, keptImages: undefined }, head, from), [], 'no images are kept');
  const plain = { ...head, manifest: testManifest({}) };
  t.same(await unusualImagesOf({ history, keptImages }, plain, from), [], 'no head');
});
