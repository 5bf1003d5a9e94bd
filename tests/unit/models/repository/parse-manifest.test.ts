import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { imageInputSchema } from '../../../../src/models/repository/image-input.js';
import { parseManifest } from '../../../../src/models/repository/parse-manifest.js';

const COMMON = {
  model: 'm',
  version: 1,
  created_at: '2026-01-01T00:00:00Z',
  description: '',
  labels: ['crane', 'cat', 'crane'],
  files: { 'golden-0.png': { bytes: 1, sha256: '0'.repeat(64) } },
  metrics: {},
};
const INPUT = { height: 224, width: 224, channels: 3, scale: 1, offset: 0 };
const OF_2 = { ...COMMON, format: 2, input: INPUT };

t.test('format 1 means what it always meant, in the words of format 2', async (t) => {
  const input = { height: 32, width: 32, channels: 3, scale: 1 / 255, offset: -0.5 };
  const manifest = parseManifest({ ...COMMON, format: 1, labels: ['a'], input });
  t.equal(manifest.format, 2);
  t.match(manifest.input, {
    color_order: 'rgb',
    scale: [1 / 255, 1 / 255, 1 / 255],
    offset: [-0.5, -0.5, -0.5],
    resize: { mode: 'stretch', interpolation: 'bicubic', antialias: true, resampler: 'libvips' },
    crop: 'none',
  });
  t.same(manifest.output, { activation: 'none', task: 'single', thresholds: [0.5], drop_first: 0 });
  t.equal(
    parseManifest({ ...COMMON, format: 1, input: { ...input, channels: 1 } }).input.color_order,
    'grey',
  );
});

t.test('the shipped versions are of format 1 and stay readable', async (t) => {
  for (const place of ['cifar10-cnn/1', 'cifar10-cnn/4', 'fashion-mnist-cnn/1']) {
    const json: unknown = JSON.parse(readFileSync(join('models', place, 'manifest.json'), 'utf8'));
    t.match(json, { format: 1 });
    t.equal(`${parseManifest(json).model}/${parseManifest(json).version}`, place);
  }
});

t.test('a parsed manifest parses to itself', async (t) => {
  const manifest = parseManifest({
    ...OF_2,
    label_ids: ['n1', 'n2', 'n3'],
    input: { ...INPUT, color_order: 'bgr', resize: { mode: 'shortest_edge', edge: 256 }, crop: 'center' },
    output: { task: 'multi', activation: 'sigmoid', thresholds: 0.25 },
    golden: [{ image: 'golden-0.png', probabilities: [0, 1, 0], tolerance: 0.01 }],
    provenance: { source: 'model.keras', facts: { scale: '--preset' } },
    license: 'MIT',
  });
  t.same(parseManifest(JSON.parse(JSON.stringify(manifest))), manifest);
});

t.test('labels of one name get different names, by id or by index', async (t) => {
  t.same(parseManifest(OF_2).labels, ['crane (0)', 'cat', 'crane (2)']);
  const label_ids = ['n02012849', 'n02123045', 'n03126707'];
  const named = parseManifest({ ...OF_2, label_ids });
  t.same(named.labels, ['crane (n02012849)', 'cat', 'crane (n03126707)']);
  t.same(named.label_ids, label_ids);
  // Even where a label reads like the new name of another.
  const labels = parseManifest({ ...OF_2, labels: ['crane', 'crane (2)', 'crane'] }).labels;
  t.equal(new Set(labels).size, 3);
});

t.test('what contradicts itself is refused', async (t) => {
  const refused: Record<string, object> = {
    'a threshold too few': { output: { task: 'multi', thresholds: [0.5, 0.5] } },
    'an id too few': { label_ids: ['a', 'b'] },
    'an id twice': { label_ids: ['a', 'b', 'a'] },
    'a golden image that is no file': { golden: [{ image: 'x', probabilities: [1, 0, 0], tolerance: 0.1 }] },
    'a golden image for other labels': {
      golden: [{ image: 'golden-0.png', probabilities: [1], tolerance: 0.1 }],
    },
    'grey in colour': { input: { ...INPUT, color_order: 'grey' } },
    'a scale for two channels': { input: { ...INPUT, scale: [1, 2] } },
    'format 3': { format: 3 },
  };
  for (const [what, change] of Object.entries(refused))
    t.throws(() => parseManifest({ ...OF_2, ...change }), { name: /ZodError/ }, what);
});

t.test('a resize that no pixel path could do is refused', async (t) => {
  const refused = [
    { resize: { mode: 'shortest_edge' }, crop: 'center' },
    { resize: { mode: 'shortest_edge', edge: 256 } },
    { resize: { mode: 'shortest_edge', edge: 200 }, crop: 'center' },
    { resize: { mode: 'cover', edge: 256 }, crop: 'center' },
    { crop: 'center' },
    { resize: { align_corners: true, antialias: true } },
    { resize: { align_corners: true, antialias: false, interpolation: 'bicubic' } },
    { resize: { resampler: 'libvips', interpolation: 'bilinear' } },
  ];
  for (const change of refused)
    t.equal(imageInputSchema.safeParse({ ...INPUT, ...change }).success, false, JSON.stringify(change));
  const squash = { resize: { mode: 'stretch', edge: 256 }, crop: 'center_floor' };
  t.equal(imageInputSchema.safeParse({ ...INPUT, ...squash }).success, true);
});
