import t from 'tap';
import { FoveaError } from '../../../src/platform/errors.js';
import type { Call } from '../../../src/serving/call.js';
import type { Prediction } from '../../../src/serving/prediction.js';
import type { PredictionNote } from '../../../src/serving/prediction-recorder.js';
import type { Classifier } from '../../../src/serving/rollout/classifier.js';
import type { ServedModel } from '../../../src/serving/rollout/served-model.js';
import { ShadowPredictions } from '../../../src/serving/shadow-predictions.js';
import { ENGINE_INFO } from '../../support/engine-info.js';
import { testManifest } from '../../support/model-version.js';

const IMAGE = { kind: 'encoded', bytes: new Uint8Array(4) } as const;
const PIXELS = new Uint8Array(32 * 32 * 3);

/** A version whose answers come when the test says so. */
class Version implements ServedModel {
  readonly summary = '';
  readonly classifier: Classifier;
  readonly waiting: { answer: () => void; fail: (error: FoveaError) => void }[] = [];
  queuedRows = 0;

  constructor(version: number) {
    const manifest = { ...testManifest({}), version };
    const self = this;
    this.classifier = {
      version: { model: manifest.model, version, directory: '', manifest },
      engine: ENGINE_INFO,
      get queuedRows() {
        return self.queuedRows;
      },
      classify: () =>
        new Promise((resolve, reject) => {
          const probabilities = new Float32Array(manifest.labels.length);
          const answer = () => resolve({ probabilities, queueMs: 0, inferenceMs: 0, batchRows: 1 });
          this.waiting.push({ answer, fail: reject });
        }),
      drain: () => Promise.resolve(),
    };
  }
}

class Rig {
  readonly primary = new Version(2);
  readonly shadow = new Version(1);
  readonly notes: PredictionNote[] = [];
  dropped = 0;
  isHistoryBusy = false;
  /** What was put off until the request is over. */
  readonly afterwards: (() => void)[] = [];
  readonly shadows = new ShadowPredictions({
    models: { shadowsOf: () => [this.shadow] },
    decoder: {
      hasRoomFor: () => true,
      decode: () => Promise.resolve({ pixels: PIXELS, format: 'png', width: 32, height: 32, warnings: [] }),
    },
    recorder: { record: (note) => void this.notes.push(note) },
    isHistoryBusy: () => this.isHistoryBusy,
    onDropped: () => {
      this.dropped += 1;
    },
  });

  follow(outcome: Prediction | FoveaError = answered('primary')): void {
    const call: Call = {
      id: 'r',
      client: { name: 'c', role: 'anonymous', hash: 'h' },
      charge: () => Promise.resolve(),
      deadlineMs: 0,
      isCancelled: () => true,
      afterAnswer: (run) => void this.afterwards.push(run),
    };
    this.shadows.follow({ primary: this.primary, call, input: IMAGE, outcome });
  }

  async finishRequests(): Promise<void> {
    for (const run of this.afterwards.splice(0)) run();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function answered(id: string): Prediction {
  return {
    id,
    version: new Version(2).classifier.version,
    label: 'cat',
    classIndex: 0,
    confidence: 1,
    probabilities: Float32Array.of(1),
    topK: undefined,
    labels: undefined,
    isUnfamiliar: undefined,
    predictionMs: 1,
    warnings: [],
    answeredAt: new Date(0),
    timings: { queueMs: 0, decodeMs: 0, inferenceMs: 0 },
  };
}

t.test('a shadow sees the image once the request is over, even though its client has gone', async (t) => {
  const rig = new Rig();
  rig.follow();
  t.equal(rig.shadow.waiting.length, 0);
  await rig.finishRequests();
  rig.shadow.waiting[0]?.answer();
  await rig.finishRequests();
  t.match(rig.notes, [{ source: 'shadow', shadowOf: 'primary', version: { version: 1 } }]);
});

t.test('what was not answered is shown to no shadow', async (t) => {
  const rig = new Rig();
  rig.follow(new FoveaError('undecodable_image', ''));
  await rig.finishRequests();
  t.equal(rig.shadow.waiting.length, 0);
  t.equal(rig.dropped, 0);
});

t.test(
  'images are dropped while the real ones wait, the history is busy, or too many are under way',
  async (t) => {
    const rig = new Rig();
    rig.primary.queuedRows = 1;
    rig.follow();
    await rig.finishRequests();
    t.equal(rig.dropped, 1);
    rig.primary.queuedRows = 0;
    rig.isHistoryBusy = true;
    rig.follow();
    await rig.finishRequests();
    t.equal(rig.dropped, 2);
    rig.isHistoryBusy = false;
    for (let image = 0; image < 20; image++) rig.follow();
    await rig.finishRequests();
    t.equal(rig.shadow.waiting.length, 16);
    t.equal(rig.dropped, 6);
    for (const { answer } of rig.shadow.waiting.splice(0)) answer();
    await rig.finishRequests();
    t.equal(rig.notes.length, 16);
    rig.follow();
    await rig.finishRequests();
    t.equal(rig.shadow.waiting.length, 1, 'there is room again');
  },
);

t.test('a shadow’s own faults are recorded, those of a busy moment are not', async (t) => {
  const rig = new Rig();
  rig.follow();
  rig.follow();
  await rig.finishRequests();
  rig.shadow.waiting[0]?.fail(new FoveaError('engine_failed', ''));
  rig.shadow.waiting[1]?.fail(new FoveaError('overloaded', ''));
  await rig.finishRequests();
  t.match(rig.notes, [{ outcome: { code: 'engine_failed' } }]);
  t.equal(rig.notes.length, 1);
  t.equal(rig.dropped, 1);
});
