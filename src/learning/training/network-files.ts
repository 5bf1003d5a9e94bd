import type { io } from '@tensorflow/tfjs';

import tf = require('@tensorflow/tfjs-node-gpu');

import { z } from 'zod';
import type { TfjsModel } from '../../models/formats/tfjs-files/tfjs-model.js';
import { compileModel } from '../../models/formats/tfjs-layers/compile.js';
import type { TrainingPlan } from '../../models/plan/plan.js';
import { FoveaError } from '../../platform/errors.js';

/** Exports a tfjs network as its files' contents. */
export async function layersModelOf(network: tf.LayersModel): Promise<TfjsModel> {
  let artifacts: io.ModelArtifacts = {};
  await network.save(
    tf.io.withSaveHandler((saved) => {
      artifacts = saved;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } });
    }),
  );
  const { modelTopology, weightSpecs, weightData } = artifacts;
  if (weightSpecs === undefined || !(weightData instanceof ArrayBuffer))
    throw new FoveaError('internal', 'tfjs returned no weights to save. This is a bug.');
  return {
    topology: z.record(z.string(), z.unknown()).parse(modelTopology),
    weightSpecs: weightSpecs.map((spec) => ({ ...spec })),
    weightData,
  };
}

/**
 * Compiles the steps for training.
 * @throws FoveaError `model_invalid`; `training_failed` for a layer that no plan expresses
 */
export function trainingPlanOf(model: TfjsModel): TrainingPlan {
  const compiled = compileModel(model);
  if ('plan' in compiled) return compiled.plan;
  const { layer, reason } = compiled.unsupported;
  throw new FoveaError('training_failed', `The model cannot be trained: layer ${layer} ${reason}.`, {
    details: { layer },
  });
}

/** Number of values in all weights of a model. */
export function parameterCount({ weightSpecs }: TfjsModel): number {
  return weightSpecs.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}
