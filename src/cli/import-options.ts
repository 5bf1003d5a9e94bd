import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { Facts } from '../models/importing/facts.js';
import { PRESET_NAMES, standardizing, statePreset } from '../models/importing/presets.js';
import { jsonOf } from '../models/importing/recognize.js';
import { stateJson, stateLabels } from '../models/importing/side-files.js';
import { FoveaError } from '../platform/errors.js';
import { toInteger, toNumber } from './arguments.js';

const numbers = z.array(z.number()).min(1).max(3).optional();

const schema = z.looseObject({
  name: z.string().optional(),
  preset: z.string().optional(),
  mean: numbers,
  std: numbers,
  scale: numbers,
  offset: numbers,
  color: z.enum(['rgb', 'bgr']).optional(),
  size: z.object({ height: z.int(), width: z.int() }).optional(),
  channels: z.union([z.literal(1), z.literal(3)]).optional(),
  layout: z.enum(['nchw', 'nhwc']).optional(),
  resize: z.string().optional(),
  interpolation: z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos3']).optional(),
  antialias: z.boolean().optional(),
  labels: z.string().optional(),
  activation: z.enum(['softmax', 'sigmoid', 'none']).optional(),
  dropFirst: z.int().nonnegative().optional(),
  input: z.string().optional(),
  output: z.string().optional(),
  license: z.string().optional(),
});

/** Adds the flags for what no file states. */
export function withFactOptions(command: Command): Command {
  return command
    .option('--name <name>', 'of the model (default: the file’s)')
    .addOption(new Option('--preset <name>', 'how a family of models takes its images').choices(PRESET_NAMES))
    .option('--mean <numbers>', 'of pixels 0..1, such as 0.485,0.456,0.406', toNumbers)
    .option('--std <numbers>', 'of pixels 0..1, such as 0.229,0.224,0.225', toNumbers)
    .option('--scale <numbers>', 'the network sees pixel · scale + offset, pixel 0..255', toNumbers)
    .option('--offset <numbers>', 'see --scale', toNumbers)
    .addOption(new Option('--color <order>', 'of the network’s channels').choices(['rgb', 'bgr']))
    .option('--size <size>', 'height and width of the network’s images, such as 224x224', toSides)
    .option('--channels <number>', '1 or 3', toInteger)
    .addOption(new Option('--layout <layout>', 'of an ONNX file').choices(['nchw', 'nhwc']))
    .option(
      '--resize <mode>',
      'stretch, cover, contain, or the shorter side before a centre crop, such as 256',
    )
    .addOption(
      new Option('--interpolation <name>', 'of --resize').choices([
        'nearest',
        'bilinear',
        'bicubic',
        'lanczos3',
      ]),
    )
    .option('--no-antialias', 'of --resize: as TensorFlow’s own resizing')
    .option('--labels <file>', 'one label a line, or JSON: index_to_name.json, id2label')
    .addOption(
      new Option('--activation <name>', 'what is still to be applied').choices([
        'softmax',
        'sigmoid',
        'none',
      ]),
    )
    .option('--drop-first <number>', 'classes in front that are no labels, such as a background', toInteger)
    .option('--input <name>', 'the input of a file that has several')
    .option('--output <name>', 'the output of a file that has several')
    .option('--license <name>', 'of the model');
}

/** What the flags state.
 * @throws FoveaError `bad_request` */
export async function factsOf(given: unknown): Promise<Facts> {
  const options = schema.parse(given);
  const facts = new Facts();
  facts.state('name', options.name, '--name');
  facts.state('size', options.size, '--size');
  facts.state('channels', options.channels, '--channels');
  facts.state('layout', options.layout, '--layout');
  facts.state('color_order', options.color, '--color');
  facts.state('activation', options.activation, '--activation');
  facts.state('drop_first', options.dropFirst, '--drop-first');
  facts.state('input_name', options.input, '--input');
  facts.state('output_name', options.output, '--output');
  facts.state('license', options.license, '--license');
  if (options.mean ?? options.std) {
    const mean = options.mean ?? [0, 0, 0];
    facts.state('scaling', standardizing(1 / 255, mean, options.std ?? mean.map(() => 1)), '--mean, --std');
  }
  if (options.scale ?? options.offset)
    facts.state(
      'scaling',
      { scale: options.scale ?? [1], offset: options.offset ?? [0] },
      '--scale, --offset',
    );
  if (options.resize !== undefined) stateResize(facts, options);
  if (options.preset !== undefined) statePreset(facts, options.preset);
  if (options.labels !== undefined) await stateLabelFile(facts, options.labels);
  return facts;
}

function stateResize(
  facts: Facts,
  { resize = '', interpolation = 'bilinear', antialias = true }: z.infer<typeof schema>,
): void {
  const edge = Number(resize);
  const how = { interpolation, antialias };
  if (Number.isInteger(edge)) {
    facts.state('resize', { mode: 'shortest_edge', edge, ...how }, '--resize');
    facts.state('crop', 'center', '--resize');
  } else if (['stretch', 'cover', 'contain'].includes(resize)) {
    facts.state('resize', { mode: resize, ...how }, '--resize');
  } else
    throw new FoveaError(
      'bad_request',
      `--resize takes stretch, cover, contain or a number of pixels, not ${resize}.`,
    );
}

async function stateLabelFile(facts: Facts, file: string): Promise<void> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new FoveaError('not_found', 'The file of --labels cannot be read.', { cause });
  });
  const value = jsonOf(bytes);
  const list = z.array(z.string()).safeParse(value);
  if (list.success) facts.state('labels', list.data, '--labels');
  else if (value === undefined || typeof value !== 'object')
    stateLabels(facts, '--labels', bytes.toString('utf8'));
  else if (!stateJson(facts, '--labels', value))
    throw new FoveaError('bad_request', 'The file of --labels holds JSON that names no labels.');
}

function toNumbers(value: string): number[] {
  return value.split(',').map((part) => toNumber(part));
}

/** `224x224`, or `224` for both. */
function toSides(value: string): { height: number; width: number } {
  const [height = 0, width = height] = value.split('x').map(toInteger);
  if (height < 1 || width < 1) throw new InvalidArgumentError('Give height and width, like 224x224.');
  return { height, width };
}
