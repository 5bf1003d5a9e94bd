import t from 'tap';
import { NewestFrame } from '../../../../src/fronts/websocket/stream/newest-frame.js';
import { Smoothing } from '../../../../src/fronts/websocket/stream/smoothing.js';
import { Videos } from '../../../../src/fronts/websocket/stream/videos.js';
import { PIXELS_REQUEST, predictionWith } from '../../../support/stream-examples.js';

t.test('while a frame runs, only the newest waits', async (t) => {
  const frames = new NewestFrame<number>();
  t.same(frames.arrive(1), { starts: true, superseded: undefined });
  t.same(frames.arrive(2), { starts: false, superseded: undefined });
  t.same(frames.arrive(3), { starts: false, superseded: 2 });
  t.equal(frames.done(), 3);
  t.same(frames.arrive(4), { starts: false, superseded: undefined }, 'frame 3 is running');
  t.equal(frames.giveWay(), 4, 'to a frame that may not be dropped');
  t.equal(frames.done(), undefined);
  t.same(frames.arrive(5), { starts: true, superseded: undefined });
});

t.test('smoothing averages the last answers of one version', async (t) => {
  const smoothing = new Smoothing();
  const { version } = predictionWith([1, 0]);
  const of = (...values: number[]) => predictionWith(values, { version });
  t.same(smoothing.add(of(1, 0), 3).probabilities, Float32Array.from([1, 0]));
  const second = smoothing.add(of(0.25, 0.75), 3);
  t.match(second, { label: 'cat', classIndex: 0, confidence: 0.625 });
  const ranked = { ...of(0, 1), topK: [{ label: 'dog', classIndex: 1, confidence: 1 }] };
  const third = smoothing.add(ranked, 2);
  t.match(third, { label: 'dog', confidence: 0.875, topK: [{ label: 'dog', confidence: 0.875 }] });
  const other = smoothing.add(predictionWith([1, 0]), 3);
  t.same(other.probabilities, Float32Array.from([1, 0]), 'another version starts anew');
});

t.test('the videos of a stream are bounded', async (t) => {
  const videos = new Videos({ maxVideos: 1, maxSmoothedAnswers: 5 });
  t.equal(videos.of({ ...PIXELS_REQUEST, isDroppable: false, smoothing: 1 }), undefined);
  const video = videos.of(PIXELS_REQUEST);
  t.equal(videos.of({ ...PIXELS_REQUEST, isDroppable: false, smoothing: 1 }), video);
  t.throws(() => videos.of({ ...PIXELS_REQUEST, video: 4 }), { code: 'too_large' });
  t.throws(() => videos.of({ ...PIXELS_REQUEST, smoothing: 6 }), { code: 'bad_request' });
});
