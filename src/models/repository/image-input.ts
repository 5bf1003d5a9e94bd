import { z } from 'zod';

/** One number for all channels, or one a channel. */
const perChannel = z.union([z.number(), z.array(z.number()).min(1).max(3)]);

const byte = z.int().min(0).max(255);

/** How a picture of any size becomes one of the model's size. */
const resizeSchema = z.object({
  /**
   * `stretch`: to the size, whatever the aspect ratio. `cover`: the largest middle part of the size's aspect ratio, stretched. `shortest_edge`: the shorter
   * side becomes `edge`, the longer one follows. `contain`: the whole picture inside the size, `pad` around it.
   */
  mode: z.enum(['stretch', 'cover', 'shortest_edge', 'contain']).default('stretch'),
  /** Pixels, before the crop. Of `stretch`: both sides; without it the picture is stretched to the model's size. */
  edge: z.int().positive().max(16_384).optional(),
  interpolation: z.enum(['nearest', 'bilinear', 'bicubic', 'lanczos3']).default('bilinear'),
  /** Whether a kernel widens as it shrinks a picture, as in Pillow. TensorFlow does not unless it is told to. */
  antialias: z.boolean().default(true),
  /** Whether the middles of the corner pixels stay where they are. */
  align_corners: z.boolean().default(false),
  /** Red, green and blue around the picture of `contain`. */
  pad: z.tuple([byte, byte, byte]).default([0, 0, 0]),
  /**
   * `exact`: the framework's own pixels (`tests/fixtures/pixels`); JPEG photographs many times as large as needed shrink while they
   * are decoded (`native/photo.h`). `libvips`: its own kernel, some levels apart. Fovea trains with `libvips`.
   */
  resampler: z.enum(['exact', 'libvips']).default('exact'),
});

export type Resize = z.infer<typeof resizeSchema>;

const written = z.object({
  /** Of the input in the model's file; needed where that has several. */
  name: z.string().min(1).optional(),
  height: z.int().positive(),
  width: z.int().positive(),
  channels: z.union([z.literal(1), z.literal(3)]),
  /** Of the model's channels. Grey is 0.299 red + 0.587 green + 0.114 blue. Default: `rgb`, with one channel `grey`. */
  color_order: z.enum(['rgb', 'bgr', 'grey']).optional(),
  /** Of the input in the model's file. */
  layout: z.enum(['nhwc', 'nchw']).default('nhwc'),
  /** The model sees `pixel · scale + offset`, pixel 0..255; in the order of the model's channels. */
  scale: perChannel,
  offset: perChannel,
  resize: resizeSchema.prefault({}),
  /** What is cut out of the resized picture. Where the margins differ by a pixel, `center` takes torchvision's place and `center_floor` that of Keras. */
  crop: z.enum(['none', 'center', 'center_floor']).default('none'),
});

type Written = z.infer<typeof written>;

function checkChannels({ channels, color_order: order, scale, offset }: Written): string | null {
  if (order !== undefined && (order === 'grey') !== (channels === 1))
    return 'color_order is grey where channels is 1, and only there.';
  const lengths = [scale, offset].map((numbers) => (Array.isArray(numbers) ? numbers.length : channels));
  return lengths.every((length) => length === channels)
    ? null
    : 'scale and offset take one number, or one a channel.';
}

/** What no pixel path could do. */
function checkResize({ height, width, resize, crop }: Written): string | null {
  const { mode, edge, interpolation, antialias, align_corners: alignsCorners, resampler } = resize;
  if (mode === 'shortest_edge' && edge === undefined) return 'resize.mode shortest_edge needs resize.edge.';
  if (edge !== undefined && mode !== 'shortest_edge' && mode !== 'stretch')
    return `resize.edge is of no use to resize.mode ${mode}.`;
  if (edge !== undefined && (crop === 'none' || edge < height || edge < width))
    return 'resize.edge must be as large as height and width, and crop must say center or center_floor.';
  if (edge === undefined && crop !== 'none') return 'crop cuts nothing without resize.edge.';
  if (alignsCorners && (!['nearest', 'bilinear'].includes(interpolation) || antialias))
    return 'resize.align_corners goes with nearest or bilinear and without antialias.';
  const isLibvips = mode === 'stretch' && edge === undefined && interpolation === 'bicubic' && antialias;
  return resampler === 'libvips' && !isLibvips
    ? 'resize.resampler libvips only stretches, bicubic and with antialias.'
    : null;
}

function expand(numbers: number | number[], channels: number): number[] {
  return Array.isArray(numbers) ? numbers : Array.from({ length: channels }, () => numbers);
}

/** What a model takes, and how its pixels are made of a picture. A parsed input parses to itself. */
export const imageInputSchema = written
  .superRefine((input, context) => {
    for (const message of [checkChannels(input), checkResize(input)])
      if (message !== null) context.addIssue({ code: 'custom', message });
  })
  .transform(({ scale, offset, color_order, ...input }) => ({
    ...input,
    color_order: color_order ?? (input.channels === 1 ? ('grey' as const) : ('rgb' as const)),
    scale: expand(scale, input.channels),
    offset: expand(offset, input.channels),
  }));

export type ImageInput = z.infer<typeof imageInputSchema>;

/** Of the pixels of an image, `[height, width, channels]`. */
export type ImageSize = Pick<ImageInput, 'height' | 'width' | 'channels'>;

/** The input of the models that Fovea trains, and of all that have a manifest of format 1. */
export function stretchedInput(size: ImageSize, scale = 1 / 255, offset = 0): ImageInput {
  const { height, width, channels } = size;
  const resize = { interpolation: 'bicubic', resampler: 'libvips' } as const;
  return imageInputSchema.parse({ height, width, channels, scale, offset, resize });
}
