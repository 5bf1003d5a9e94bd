import tf = require('@tensorflow/tfjs-node-gpu');

import { stretchedInput } from '../../models/repository/image-input.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import { keepFreedMemory } from '../../platform/spare-memory.js';
import { Epochs } from './epochs.js';
import { fitOnFeatures, type HeadLesson, inputOfOnnx, onnxOf, openTrunk } from './head/learn-head.js';
import { withHead } from './head/with-head.js';
import { layersToLearn } from './learn-schema.js';
import type { Learned } from './learned.js';
import { keepsItsFile, type StartingPoint, startAnew, startFrom } from './starting-point.js';
import { learningLast, named, weightCount, withoutMovingAverages, withWeights } from './weights-to-learn.js';

/** A training whose base may be missing. */
export interface Lesson extends Omit<HeadLesson, 'base'> {
  readonly base: ModelVersion | undefined;
}

/** The network of a base with a fitted head: with a random one, the first gradients would undo what the base has learned. */
async function startOnTrunk(lesson: HeadLesson): Promise<StartingPoint> {
  const { request, base } = lesson;
  const { head } = await fitOnFeatures(lesson);
  const whole = withoutMovingAverages(named(withHead(await openTrunk(base), head)));
  const layers = layersToLearn(request.settings.learn);
  return {
    plan: layers === undefined ? whole : learningLast(whole, layers),
    parameters: weightCount(whole),
    input: inputOfOnnx(base.manifest.input),
    parent: `${base.model}/${base.version}`,
    labelIds: base.model === request.model ? base.manifest.label_ids : undefined,
    save: (weights) => ({ 'model.onnx': onnxOf(lesson, withWeights(whole, weights)) }),
  };
}

async function startOf({ base, ...lesson }: Lesson): Promise<StartingPoint> {
  const { request, data } = lesson;
  if (base === undefined)
    return startAnew(stretchedInput(request.input), data.labels.length, request.settings);
  if (await keepsItsFile(base, request.model)) return startFrom(base, data.labels, request.settings);
  return startOnTrunk({ ...lesson, base });
}

/** Learns by epochs of gradient descent.
 * @throws FoveaError `training_failed`, `out_of_memory` */
export async function learnBySteps(lesson: Lesson): Promise<Learned> {
  const start = await startOf(lesson);
  keepFreedMemory();
  const learned = await new Epochs({ ...lesson, start }).run();
  return { ...learned, engine: `tensorflow ${tf.version['tfjs-node']}` };
}
