import { FoveaError } from '../../../platform/errors.js';
import { compileModel } from '../../formats/tfjs-layers/compile.js';
import { readLayersModel } from '../../formats/tfjs-layers/layers-model.js';
import { foldPlan } from '../../plan/fold.js';
import type { Plan } from '../../plan/plan.js';
import type { ModelVersion } from '../../repository/model-version.js';
import type { Tfjs } from './tfjs-ops.js';
import { layersProgram, planProgram, type TfjsProgram } from './tfjs-program.js';

/** A version on tfjs: as a folded plan where one can express it, else as the LayersModel that it is.
 * @throws FoveaError `model_invalid` */
export async function openProgram(tf: Tfjs, version: ModelVersion): Promise<TfjsProgram> {
  const files = await readLayersModel(version.directory);
  const compiled = compileModel(files);
  if ('unsupported' in compiled) return layersProgram(tf, files);
  checkPlan(compiled.plan, version);
  return planProgram(tf, foldPlan(compiled.plan));
}

/** @throws FoveaError `model_invalid` when the model takes or gives something else than its manifest says */
export function checkPlan(plan: Plan, { manifest }: ModelVersion): void {
  const { height, width, channels } = manifest.input;
  const takes = plan.inputShape.join(' × ');
  const says = [height, width, channels].join(' × ');
  if (takes !== says)
    throw new FoveaError('model_invalid', `The model takes ${takes} images, its manifest says ${says}.`);
  if (plan.classes !== manifest.labels.length) {
    const message = `The model gives ${plan.classes} classes, its manifest names ${manifest.labels.length}.`;
    throw new FoveaError('model_invalid', message);
  }
}
