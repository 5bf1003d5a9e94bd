import t from 'tap';
import type { PageQuery } from '../../../../src/insight/history/history.js';
import { pageOfKept } from '../../../../src/insight/history/kept-predictions.js';
import { openTestHistory, recordAll } from '../../../support/history.js';
import { SAMPLE_TIME_MS, samplePrediction } from '../../../support/predictions.js';

/** 1,200 predictions of 400 images, of which two in three were evicted. */
const rows = Array.from({ length: 1200 }, (_, number) =>
  samplePrediction(number, {
    reviewScores: { margin: Math.floor(number / 3) / 400, entropy: 0.5, distance: null },
    imageSha256: Math.floor(number / 3)
      .toString(16)
      .padStart(64, '0'),
  }),
);
const isKept = (sha256: string): boolean => Number.parseInt(sha256, 16) % 3 === 0;

t.test('pages by uncertainty have kept images only, each once, and miss none', async (t) => {
  const history = await openTestHistory(t);
  await recordAll(history, rows);
  const keptImages = {
    oldestMs: SAMPLE_TIME_MS,
    pathOf: (sha256: string) => (isKept(sha256) ? `/kept/${sha256}` : undefined),
  };
  const pages: number[] = [];
  const images: string[] = [];
  let before: string | undefined;
  do {
    const query: PageQuery = { sort: 'margin', limit: 50, before };
    const { predictions, next } = await pageOfKept({ history, keptImages }, query);
    pages.push(predictions.length);
    images.push(...predictions.map(({ image_sha256: sha256 }) => sha256 ?? ''));
    before = next ?? undefined;
  } while (before !== undefined);
  const kept = [...new Set(rows.map(({ imageSha256 }) => imageSha256 ?? ''))].filter(isKept);
  t.equal(kept.length, 134);
  t.same([...new Set(images)], kept, 'least certain first');
  t.same(pages.slice(0, 2), [50, 50]);
  t.ok(images.length <= kept.length + pages.length, 'an image repeats only where a page ends');

  const late = { ...keptImages, oldestMs: SAMPLE_TIME_MS + 1_100_000 };
  const rest = await pageOfKept({ history, keptImages: late }, { sort: 'margin', limit: 500 });
  t.ok(rest.predictions.every(({ timestamp }) => Date.parse(timestamp) >= late.oldestMs - 60_000));

  const none = { ...keptImages, oldestMs: undefined };
  t.same(await pageOfKept({ history, keptImages: none }, { sort: 'entropy', limit: 5 }), {
    predictions: [],
    next: null,
  });
  const unkept = pageOfKept({ history, keptImages: undefined }, { sort: 'entropy', limit: 5 });
  await t.rejects(unkept, { code: 'bad_request', message: /FOVEA_KEEP_IMAGES/ });
  t.equal((await pageOfKept({ history, keptImages: undefined }, { limit: 5 })).predictions.length, 5);
});
