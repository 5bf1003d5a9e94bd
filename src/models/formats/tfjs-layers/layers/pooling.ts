import { z } from 'zod';
import type { GlobalPoolStep, PoolStep } from '../../../plan/plan.js';
import { channelsLast, imageShape, type LayerKind, layerKind, pair } from './converter.js';
import { outputSize, paddingOf } from './window.js';

const poolSettings = z.object({
  pool_size: pair,
  strides: pair.nullish(),
  padding: z.enum(['same', 'valid']),
  data_format: channelsLast,
});
const globalSettings = z.object({ data_format: channelsLast, keepdims: z.boolean().default(false) });

function pool(op: PoolStep['op']): LayerKind {
  return layerKind(poolSettings, ({ layer, settings, inputs }) => {
    const [height, width, channels] = imageShape(layer, inputs);
    const strides = settings.strides ?? settings.pool_size;
    const window = { size: settings.pool_size, strides, dilations: [1, 1] as const };
    const padding = paddingOf(settings.padding, height, width, window);
    const shape = [...outputSize(height, width, window, padding), channels];
    return [{ op, window: window.size, strides, padding, shape }];
  });
}

function globalPool(op: GlobalPoolStep['op']): LayerKind {
  return layerKind(globalSettings, ({ layer, settings: { keepdims }, inputs }) => {
    const [, , channels] = imageShape(layer, inputs);
    return [{ op, shape: keepdims ? [1, 1, channels] : [channels] }];
  });
}

export const poolingLayers: Readonly<Record<string, LayerKind>> = {
  MaxPooling2D: pool('maxPool'),
  AveragePooling2D: pool('averagePool'),
  GlobalMaxPooling2D: globalPool('globalMaxPool'),
  GlobalAveragePooling2D: globalPool('globalAveragePool'),
};
