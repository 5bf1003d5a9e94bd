import { z } from 'zod';
import { type Padding, sizeOf } from '../../../plan/plan.js';
import { UnsupportedLayer } from '../unsupported-layer.js';
import { anyShape, channelsLast, imageShape, type LayerKind, layerKind } from './converter.js';

const count = z.int().nonnegative();
const paddingSettings = z.object({
  padding: z.union([
    count.transform((all): Padding => ({ top: all, bottom: all, left: all, right: all })),
    z
      .tuple([count, count])
      .transform(([rows, columns]): Padding => ({ top: rows, bottom: rows, left: columns, right: columns })),
    z
      .tuple([z.tuple([count, count]), z.tuple([count, count])])
      .transform(([[top, bottom], [left, right]]): Padding => ({ top, bottom, left, right })),
  ]),
  data_format: channelsLast,
});
const croppingSettings = z.object({ cropping: paddingSettings.shape.padding, data_format: channelsLast });
const flattenSettings = z.object({ data_format: channelsLast });
const reshapeSettings = z.object({ target_shape: z.array(z.int()).min(1) });

const flatten = layerKind(flattenSettings, ({ layer, inputs }) => {
  return [{ op: 'reshape', shape: [sizeOf(anyShape(layer, inputs).shape)] }];
});

const reshape = layerKind(reshapeSettings, ({ layer, settings: { target_shape }, inputs }) => {
  const size = sizeOf(anyShape(layer, inputs).shape);
  const known = sizeOf(target_shape.filter((length) => length !== -1));
  const shape = target_shape.map((length) => (length === -1 ? size / known : length));
  if (sizeOf(shape) !== size || !shape.every((length) => Number.isInteger(length) && length > 0))
    throw new UnsupportedLayer(layer.name, 'changes the number of values');
  return [{ op: 'reshape', shape }];
});

const cropping = layerKind(croppingSettings, ({ layer, settings: { cropping }, inputs }) => {
  const [height, width, channels] = imageShape(layer, inputs);
  const shape = [height - cropping.top - cropping.bottom, width - cropping.left - cropping.right, channels];
  if (shape.some((length) => length < 1)) throw new UnsupportedLayer(layer.name, 'cuts everything away');
  return [{ op: 'crop', cropping, shape }];
});

const zeroPadding = layerKind(paddingSettings, ({ layer, settings: { padding }, inputs }) => {
  const [height, width, channels] = imageShape(layer, inputs);
  const shape = [height + padding.top + padding.bottom, width + padding.left + padding.right, channels];
  return [{ op: 'zeroPadding', padding, shape }];
});

export const shapeLayers: Readonly<Record<string, LayerKind>> = {
  Flatten: flatten,
  Reshape: reshape,
  ZeroPadding2D: zeroPadding,
  Cropping2D: cropping,
};
