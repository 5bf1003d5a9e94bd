import t from 'tap';
import type { FamiliarFeatures } from '../../../../src/models/repository/feature-distance.js';
import type { ModelVersion } from '../../../../src/models/repository/model-version.js';
import { openVersion } from '../../../../src/models/repository/open-version.js';
import type { Classifier, ClassifyRequest } from '../../../../src/serving/rollout/classifier.js';
import { probabilitiesOf } from '../../../../src/serving/rollout/head-classifier.js';
import { type ShareableHead, SharedTrunks } from '../../../../src/serving/rollout/shared-trunks.js';
import { ENGINE_INFO } from '../../../support/engine-info.js';

const shipped = await openVersion({
  directory: 'models/cifar10-cnn/4',
  model: undefined,
  version: undefined,
});
const REQUEST: ClassifyRequest = {
  bytes: new Uint8Array(),
  type: 'uint8',
  deadlineMs: Number.POSITIVE_INFINITY,
  isCancelled: () => false,
};

function versionOn(digest: string): ModelVersion {
  const trunk = { digest, width: 2, head: 'head.f32' };
  return { ...shipped, manifest: { ...shipped.manifest, trunk } };
}

function head(first: number, familiar?: FamiliarFeatures): ShareableHead {
  return { head: { kernel: Float32Array.of(first, 0, 0, 0), bias: new Float32Array(2) }, familiar };
}

/** A trunk whose features are 1 and 2, and what happened to it. */
function trunk() {
  const events: string[] = [];
  let giveUp: () => void = () => undefined;
  const classifier: Classifier = {
    version: shipped,
    engine: ENGINE_INFO,
    queuedRows: 0,
    classify: async () => ({
      probabilities: Float32Array.of(1, 2),
      queueMs: 3,
      inferenceMs: 4,
      batchRows: 2,
    }),
    drain: async () => {
      events.push('ended');
    },
  };
  const start = (width: number, onGivenUp: () => void) => {
    events.push(`started for ${width}`);
    giveUp = onGivenUp;
    return Promise.resolve(classifier);
  };
  return { events, start, giveUp: () => giveUp() };
}

t.test('heads of one trunk share it, each with its own answers; the last one ends it', async (t) => {
  const trunks = new SharedTrunks();
  const { events, start } = trunk();
  const served: number[] = [];
  const observer = { rowServed: ({ queueMs }: { queueMs: number }) => served.push(queueMs) };
  const user = () => ({ version: versionOn('a'), observer, onGivenUp: () => undefined });
  const [one, two] = await Promise.all([
    trunks.join(user(), head(0), start),
    trunks.join(user(), head(Math.log(3)), start),
  ]);
  t.same(events, ['started for 2']);
  t.match(await one.classify(REQUEST), { probabilities: [0.5, 0.5], batchRows: 2 });
  const [likely = 0] = (await two.classify(REQUEST)).probabilities;
  t.ok(Math.abs(likely - 0.75) < 1e-6, `${likely}`);
  t.same(served, [3, 3]);
  await one.drain();
  await t.rejects(one.classify(REQUEST), { code: 'draining' });
  t.equal(events.length, 1);
  await two.drain();
  t.same(events, ['started for 2', 'ended']);
  await trunks.join(user(), head(0), start);
  t.equal(events.length, 3, 'a later head starts it again');
});

t.test('a head that knows its training features tells how far those of an image are from them', async (t) => {
  const familiar = { classMeans: Float32Array.of(0.6, 0.8, 0, 1), scale: { median: 0.1, p95: 0.3 } };
  const user = { version: versionOn('a'), observer: {}, onGivenUp: () => undefined };
  const trunks = new SharedTrunks();
  const knows = await trunks.join(user, head(0, familiar), trunk().start);
  const [x, y] = [1 / Math.sqrt(5), 2 / Math.sqrt(5)];
  const expected = (Math.hypot(x - 0.6, y - 0.8) - 0.1) / 0.2;
  const found = (await knows.classify(REQUEST)).distance?.() ?? Number.NaN;
  t.ok(Math.abs(found - expected) < 1e-5, `${found}, expected ${expected}`);
  const knowsNot = await trunks.join(user, head(0), trunk().start);
  t.equal((await knowsNot.classify(REQUEST)).distance, undefined);
});

t.test('a trunk without instances takes its heads along, and no head of another trunk', async (t) => {
  const trunks = new SharedTrunks();
  const [first, second] = [trunk(), trunk()];
  const lost: string[] = [];
  const user = (name: string, digest: string) => ({
    version: versionOn(digest),
    observer: {},
    onGivenUp: () => lost.push(name),
  });
  await trunks.join(user('one', 'a'), head(0), first.start);
  await trunks.join(user('two', 'a'), head(0), first.start);
  await trunks.join(user('three', 'b'), head(0), second.start);
  first.giveUp();
  t.same(lost, ['one', 'two']);
});

t.test('a head is a softmax of a dense layer', async (t) => {
  const weights = { kernel: Float32Array.of(1, 2, 3, 4), bias: Float32Array.of(0, -1) };
  const [first = 0, second = 0] = probabilitiesOf(Float32Array.of(0.5, 0.25), weights, { task: 'single' });
  // Logits 0.5 + 0.75 and 1 + 1 − 1.
  t.ok(Math.abs(first / second - Math.exp(0.25)) < 1e-6, `${first}, ${second}`);
  const [alone = 0] = probabilitiesOf(Float32Array.of(0.5, 0.25), weights, { task: 'multi' });
  t.ok(Math.abs(alone - 1 / (1 + Math.exp(-1.25))) < 1e-6, 'with several labels, each by its own sigmoid');
});
