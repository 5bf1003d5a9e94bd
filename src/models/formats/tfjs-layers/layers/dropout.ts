import { z } from 'zod';
import { anyShape, type Converter, settingsOf } from './converter.js';

const dropoutSettings = z.object({ rate: z.number().min(0).lt(1) });

const dropout: Converter = (layer, inputs) => {
  const { rate } = settingsOf(layer, dropoutSettings);
  return [{ op: 'dropout', rate, shape: anyShape(layer, inputs).shape }];
};

/** @param kind class of a layer that changes nothing in inference */
export function trainingOnly(kind: string): Converter {
  return (layer, inputs) => [{ op: 'trainingOnly', kind, shape: anyShape(layer, inputs).shape }];
}

export const dropoutLayers: Readonly<Record<string, Converter>> = { Dropout: dropout };
