import { z } from 'zod';
import { PRESET_NAMES } from './presets.js';

const numbers = z
  .string()
  .transform((text) => text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part))))
  .pipe(z.array(z.number('Expected numbers, such as 0.485,0.456,0.406.')).min(1).max(3));

const size = z
  .string()
  .regex(/^[1-9]\d{0,4}(x[1-9]\d{0,4})?$/, 'Expected height and width, such as 224x224.')
  .transform((text) => {
    const [height = 0, width = height] = text.split('x').map(Number);
    return { height, width };
  });

/** What a person may state of a model: fields of the API, flags of the command. Each is text, as both carry it. */
export const importFieldsSchema = z
  .object({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'Expected a-z, 0-9 and ._-')
      .describe('of the model (default: the file’s)'),
    preset: z.enum(PRESET_NAMES).describe('how a family of models takes its images'),
    mean: numbers.describe('of pixels 0..1, such as 0.485,0.456,0.406'),
    std: numbers.describe('of pixels 0..1, such as 0.229,0.224,0.225'),
    scale: numbers.describe('the network sees pixel · scale + offset, pixel 0..255'),
    offset: numbers.describe('added after scale'),
    color: z.enum(['rgb', 'bgr']).describe('of the network’s channels'),
    size: size.describe('height and width of the network’s images, such as 224x224'),
    channels: z
      .enum(['1', '3'])
      .transform((text) => (text === '1' ? 1 : 3))
      .describe('of the network’s images'),
    layout: z.enum(['nchw', 'nhwc']).describe('of an ONNX file'),
    resize: z
      .string()
      .regex(
        /^(stretch|cover|contain|[1-9]\d{0,4})$/,
        'Expected stretch, cover, contain or a number of pixels.',
      )
      .describe('stretch, cover, contain, or the shorter side before a centre crop, such as 256'),
    interpolation: z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos3']).describe('of the resizing'),
    antialias: z
      .enum(['true', 'false'])
      .transform((text) => text === 'true')
      .describe('of the resizing: false is TensorFlow’s own'),
    labels: z.string().min(1).describe('one label a line, or JSON: index_to_name.json, id2label'),
    activation: z.enum(['softmax', 'sigmoid', 'none']).describe('what is still to be applied'),
    drop_first: z
      .string()
      .regex(/^\d{1,5}$/, 'Expected a whole number.')
      .transform(Number)
      .describe('classes in front that are no labels, such as a background'),
    input: z.string().min(1).describe('the input of a file that has several'),
    output: z.string().min(1).describe('the output of a file that has several'),
    license: z.string().min(1).describe('of the model'),
  })
  .partial();

export type ImportFields = z.infer<typeof importFieldsSchema>;

export type ImportField = keyof ImportFields;

/** How errors and tables call a field: `drop_first` of the API is `--drop-first` of the command. */
export type Spelling = 'fields' | 'flags';

export function spell(field: ImportField, spelling: Spelling): string {
  return spelling === 'fields' ? field : `--${field.replaceAll('_', '-')}`;
}
