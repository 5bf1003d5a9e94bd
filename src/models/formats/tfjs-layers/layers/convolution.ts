import { z } from 'zod';
import type { Shape } from '../../../plan/plan.js';
import { LINEAR, NO_PADDING, type Padding, type Pair } from '../../../plan/plan.js';
import type { Layer } from '../layer-graph.js';
import { UnsupportedLayer } from '../unsupported-layer.js';
import { activation } from './activation.js';
import { channelsLast, imageShape, type LayerKind, layerKind, pair } from './converter.js';
import { outputSize, paddingOf } from './window.js';

const common = {
  kernel_size: pair,
  strides: pair.default([1, 1]),
  dilation_rate: pair.default([1, 1]),
  padding: z.enum(['same', 'valid']),
  data_format: channelsLast,
  groups: z.int().positive().nullish(),
  use_bias: z.boolean().default(true),
  activation,
};
const conv2dSettings = z.object({ ...common, filters: z.int().positive() });
const depthwiseSettings = z.object({ ...common, depth_multiplier: z.int().positive().default(1) });
const separableSettings = depthwiseSettings.extend({ filters: z.int().positive() });

/** The channels, output size and placement of any convolution. */
function placed(layer: Layer, inputs: readonly Shape[], settings: z.infer<z.ZodObject<typeof common>>) {
  const [height, width, channels] = imageShape(layer, inputs);
  const window = { size: settings.kernel_size, strides: settings.strides, dilations: settings.dilation_rate };
  const padding: Padding = paddingOf(settings.padding, height, width, window);
  const size: Pair = outputSize(height, width, window, padding);
  return { channels, size, place: { strides: window.strides, dilations: window.dilations, padding } };
}

/** Each channel is a group of its own already. */
function refuseGroups(layer: Layer, groups: number | null | undefined): void {
  if ((groups ?? 1) !== 1) throw new UnsupportedLayer(layer.name, `has ${groups} groups`);
}

const conv2d = layerKind(conv2dSettings, ({ layer, settings, inputs, weights }) => {
  const { channels, size, place } = placed(layer, inputs, settings);
  const groups = settings.groups ?? 1;
  if (channels % groups !== 0 || settings.filters % groups !== 0)
    throw new UnsupportedLayer(layer.name, `has ${groups} groups, which do not divide its channels`);
  return [
    {
      op: 'conv2d',
      filter: weights.get(layer.name, 'kernel', [
        ...settings.kernel_size,
        channels / groups,
        settings.filters,
      ]),
      bias: weights.vector(layer.name, 'bias', settings.filters, settings.use_bias ? null : 0),
      ...place,
      activation: settings.activation,
      weightNames: {
        filter: weights.nameIf(true, layer.name, 'kernel'),
        bias: weights.nameIf(settings.use_bias, layer.name, 'bias'),
      },
      shape: [...size, settings.filters],
    },
  ];
});

const depthwise = layerKind(depthwiseSettings, ({ layer, settings, inputs, weights }) => {
  refuseGroups(layer, settings.groups);
  const { channels, size, place } = placed(layer, inputs, settings);
  const outChannels = channels * settings.depth_multiplier;
  const shape = [...settings.kernel_size, channels, settings.depth_multiplier];
  return [
    {
      op: 'depthwiseConv2d',
      filter: weights.get(layer.name, 'depthwise_kernel', shape),
      bias: weights.vector(layer.name, 'bias', outChannels, settings.use_bias ? null : 0),
      ...place,
      activation: settings.activation,
      weightNames: {
        filter: weights.nameIf(true, layer.name, 'depthwise_kernel'),
        bias: weights.nameIf(settings.use_bias, layer.name, 'bias'),
      },
      shape: [...size, outChannels],
    },
  ];
});

/** A depthwise convolution without bias, then a 1 × 1 convolution. */
const separable = layerKind(separableSettings, ({ layer, settings, inputs, weights }) => {
  refuseGroups(layer, settings.groups);
  const { channels, size, place } = placed(layer, inputs, settings);
  const between = channels * settings.depth_multiplier;
  const shape = [...settings.kernel_size, channels, settings.depth_multiplier];
  return [
    {
      op: 'depthwiseConv2d',
      filter: weights.get(layer.name, 'depthwise_kernel', shape),
      bias: new Float32Array(between),
      ...place,
      activation: LINEAR,
      weightNames: { filter: weights.nameIf(true, layer.name, 'depthwise_kernel') },
      shape: [...size, between],
    },
    {
      op: 'conv2d',
      filter: weights.get(layer.name, 'pointwise_kernel', [1, 1, between, settings.filters]),
      bias: weights.vector(layer.name, 'bias', settings.filters, settings.use_bias ? null : 0),
      strides: [1, 1],
      dilations: [1, 1],
      padding: NO_PADDING,
      activation: settings.activation,
      weightNames: {
        filter: weights.nameIf(true, layer.name, 'pointwise_kernel'),
        bias: weights.nameIf(settings.use_bias, layer.name, 'bias'),
      },
      shape: [...size, settings.filters],
    },
  ];
});

export const convolutionLayers: Readonly<Record<string, LayerKind>> = {
  Conv2D: conv2d,
  DepthwiseConv2D: depthwise,
  SeparableConv2D: separable,
};
