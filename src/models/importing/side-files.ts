import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import type { FactValues } from './fact-values.js';
import type { Facts } from './facts.js';
import { factsMissing } from './missing-facts.js';
import { standardizing } from './presets.js';

/** Files that lie beside a model and describe it: each is known by what it holds, whatever its name. */

const side = z.union([
  z
    .int()
    .positive()
    .transform((both) => ({ height: both, width: both })),
  z.looseObject({ height: z.int().positive(), width: z.int().positive() }),
]);

/** Hugging Face's image processors. `resample` is Pillow's number. */
const preprocessor = z.looseObject({
  image_processor_type: z.string().optional(),
  feature_extractor_type: z.string().optional(),
  do_resize: z.boolean().default(true),
  size: z.union([side, z.looseObject({ shortest_edge: z.int().positive() })]),
  resample: z.int().default(2),
  do_center_crop: z.boolean().default(false),
  crop_size: side.optional(),
  crop_pct: z.number().positive().max(1).optional(),
  do_rescale: z.boolean().default(true),
  rescale_factor: z.number().default(1 / 255),
  do_normalize: z.boolean().default(true),
  image_mean: z.array(z.number()).optional(),
  image_std: z.array(z.number()).optional(),
  do_flip_channel_order: z.boolean().default(false),
});

const RESAMPLE: Readonly<Record<number, string>> = {
  0: 'nearest',
  1: 'lanczos3',
  2: 'bilinear',
  3: 'bicubic',
};

const huggingFaceConfig = z.looseObject({
  id2label: z.record(z.string(), z.string()).optional(),
  problem_type: z.string().nullish(),
  architectures: z.array(z.string()).optional(),
});

const timmConfig = z.looseObject({
  label_names: z.array(z.string()).optional(),
  pretrained_cfg: z.looseObject({
    input_size: z.tuple([z.int(), z.int(), z.int()]),
    interpolation: z.string().default('bicubic'),
    crop_pct: z.number().positive().default(0.875),
    crop_mode: z.string().default('center'),
    mean: z.array(z.number()),
    std: z.array(z.number()),
    license: z.string().optional(),
  }),
});

const teachableMachine = z.looseObject({
  packageName: z.string().startsWith('@teachablemachine/'),
  labels: z.array(z.string()).min(1),
  imageSize: z.int().positive().optional(),
  grayscale: z.boolean().optional(),
});

const indexToName = z.record(
  z.string().regex(/^\d+$/),
  z.union([z.string(), z.tuple([z.string(), z.string()])]),
);

/** Reads a JSON file into facts.
 * @returns whether it describes a model */
export function stateJson(facts: Facts, name: string, value: unknown): boolean {
  const machine = teachableMachine.safeParse(value);
  if (machine.success) return stateTeachableMachine(facts, name, machine.data);
  const timm = timmConfig.safeParse(value);
  if (timm.success) return stateTimm(facts, name, timm.data);
  const names = indexToName.safeParse(value);
  if (names.success && Object.keys(names.data).length > 0) return stateIndex(facts, name, names.data);
  const isProcessor = z.looseObject({ size: z.unknown(), image_mean: z.unknown() }).safeParse(value).success;
  const processor = preprocessor.safeParse(value);
  if (processor.success && isProcessor) return statePreprocessor(facts, name, processor.data);
  const config = huggingFaceConfig.safeParse(value);
  if (config.success && (config.data.id2label ?? config.data.architectures))
    return stateConfig(facts, name, config.data);
  return false;
}

function stateTeachableMachine(facts: Facts, from: string, machine: z.infer<typeof teachableMachine>): true {
  facts.state('labels', machine.labels, from);
  const { imageSize: size, grayscale = false } = machine;
  if (size !== undefined) facts.state('size', { height: size, width: size }, from);
  facts.state('channels', grayscale ? 1 : 3, from);
  facts.state('scaling', { scale: [1 / 127], offset: [-1] }, `${from} (Teachable Machine: x / 127 − 1)`);
  facts.state('resize', { mode: 'cover', interpolation: 'bilinear', antialias: false }, from);
  facts.state('activation', 'none', `${from} (Teachable Machine ends in a softmax)`);
  return true;
}

function stateTimm(
  facts: Facts,
  from: string,
  { label_names: labels, pretrained_cfg: config }: z.infer<typeof timmConfig>,
): true {
  const [, height, width] = config.input_size;
  facts.state('size', { height, width }, from);
  facts.state('scaling', standardizing(1 / 255, config.mean, config.std), from);
  if (!facts.isRequested('resize')) stateTimmResize(facts, from, config);
  facts.state('labels', labels, from);
  facts.state('license', config.license, from);
  facts.state('task', 'single', `${from} (timm)`);
  facts.state('activation', 'softmax', `${from} (timm's models give logits)`);
  return true;
}

function stateTimmResize(
  facts: Facts,
  from: string,
  {
    input_size: [, height, width],
    crop_mode: cropMode,
    ...config
  }: z.infer<typeof timmConfig>['pretrained_cfg'],
): void {
  if (!['center', 'squash'].includes(cropMode)) throw unclear(facts, from, `crop_mode ${cropMode}`);
  const edge = Math.floor(Math.min(height, width) / config.crop_pct);
  const mode = cropMode === 'squash' ? 'stretch' : 'shortest_edge';
  const interpolation = config.interpolation === 'lanczos' ? 'lanczos3' : config.interpolation;
  if (!['nearest', 'bilinear', 'bicubic', 'lanczos3'].includes(interpolation))
    throw unclear(facts, from, `interpolation ${interpolation}`);
  facts.state('resize', { mode, edge, interpolation, antialias: true }, from);
  facts.state('crop', 'center', from);
}

function stateIndex(facts: Facts, from: string, names: z.infer<typeof indexToName>): true {
  const ordered = ordinal(names, from);
  facts.state(
    'labels',
    ordered.map((name) => (typeof name === 'string' ? name : name[1])),
    from,
  );
  if (ordered.every((name) => typeof name !== 'string'))
    facts.state(
      'label_ids',
      ordered.map(([id]) => id),
      from,
    );
  return true;
}

function statePreprocessor(facts: Facts, from: string, processor: z.infer<typeof preprocessor>): true {
  if (!facts.isRequested('resize')) stateProcessorResize(facts, from, processor);
  const rescale = processor.do_rescale ? processor.rescale_factor : 1;
  const mean = processor.do_normalize ? (processor.image_mean ?? [0, 0, 0]) : [0, 0, 0];
  const deviation = processor.do_normalize ? (processor.image_std ?? [1, 1, 1]) : [1, 1, 1];
  facts.state('scaling', standardizing(rescale, mean, deviation), from);
  facts.state('color_order', processor.do_flip_channel_order ? 'bgr' : 'rgb', from);
  return true;
}

function stateProcessorResize(facts: Facts, from: string, processor: z.infer<typeof preprocessor>): void {
  const { size, crop_size: cropSize, crop_pct: cropShare } = processor;
  const interpolation = RESAMPLE[processor.resample];
  if (interpolation === undefined) throw unclear(facts, from, `resample ${processor.resample}`);
  const shortest = 'shortest_edge' in size ? Number(size.shortest_edge) : null;
  if (!processor.do_resize) throw unclear(facts, from, 'do_resize false');
  const whole = 'height' in size ? { height: Number(size.height), width: Number(size.width) } : null;
  if (shortest !== null && cropShare !== undefined && !processor.do_center_crop) {
    // ConvNeXt: the size is what is left of the crop.
    facts.state('size', { height: shortest, width: shortest }, from);
    facts.state(
      'resize',
      { mode: 'shortest_edge', edge: Math.floor(shortest / cropShare), interpolation, antialias: true },
      from,
    );
    facts.state('crop', 'center', from);
  } else if (shortest !== null) {
    if (cropSize === undefined || !processor.do_center_crop)
      throw unclear(facts, from, 'shortest_edge without a crop');
    facts.state('size', cropSize, from);
    facts.state('resize', { mode: 'shortest_edge', edge: shortest, interpolation, antialias: true }, from);
    facts.state('crop', 'center', from);
  } else if (processor.do_center_crop && cropSize !== undefined && whole !== null) {
    if (whole.height !== whole.width) throw unclear(facts, from, 'a size that is no square, with a crop');
    facts.state('size', cropSize, from);
    facts.state('resize', { mode: 'stretch', edge: whole.height, interpolation, antialias: true }, from);
    facts.state('crop', 'center', from);
  } else if (whole !== null) {
    facts.state('size', whole, from);
    facts.state('resize', { mode: 'stretch', interpolation, antialias: true }, from);
  }
}

function stateConfig(facts: Facts, from: string, config: z.infer<typeof huggingFaceConfig>): true {
  const labels = config.id2label === undefined ? undefined : ordinal(config.id2label, from);
  facts.state('labels', labels, from);
  // As Hugging Face's pipeline decides.
  const isMulti = config.problem_type === 'multi_label_classification' || labels?.length === 1;
  facts.state('task', isMulti ? 'multi' : 'single', from);
  facts.state('activation', isMulti ? 'sigmoid' : 'softmax', `${from} (transformers' models give logits)`);
  return true;
}

/** The values of `{"0": …, "1": …}`, none missing. */
function ordinal<T>(values: Readonly<Record<string, T>>, from: string): T[] {
  return Array.from({ length: Object.keys(values).length }, (_, index) => {
    const value = values[String(index)];
    if (value === undefined)
      throw new FoveaError('bad_request', `${from} names no class ${index}: give a file that names all.`);
    return value;
  });
}

/** One label a line; Teachable Machine writes the number before it. */
export function stateLabels(facts: Facts, from: string, text: string): void {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  const isNumbered = lines.length > 0 && lines.every((line, index) => line.startsWith(`${index} `));
  const labels: FactValues['labels'] = isNumbered
    ? lines.map((line) => line.slice(line.indexOf(' ') + 1))
    : lines;
  if (labels.length > 0) facts.state('labels', labels, from);
}

/** Of a resizing that Fovea has not. */
function unclear(facts: Facts, file: string, what: string): FoveaError {
  return factsMissing(
    `${file} says ${what}, which Fovea cannot do: state ${facts.say('resize')}, and ${facts.say('size')} where the network takes any.`,
    { missing: ['resize'], fields: ['resize', 'interpolation', 'size'] },
  );
}
