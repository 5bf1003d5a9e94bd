import { FoveaError } from '../../platform/errors.js';
import type { TfjsModel } from '../formats/tfjs-files/tfjs-model.js';
import { compileModel } from '../formats/tfjs-layers/compile.js';
import { withInputSize } from '../formats/tfjs-layers/input-size.js';
import { scalingInside, statePlan } from './describe-plan.js';
import type { Facts } from './facts.js';
import type { InnerScaling } from './inner-scaling.js';

/** For reading the other facts of a network whose size nobody has stated yet. */
const ANY_SIZE = { height: 224, width: 224 };

export interface DescribedLayers {
  readonly inner: InnerScaling | null;
  /** The topology with the stated size; null when the file's own has one. */
  readonly sized: Record<string, unknown> | null;
}

/** States what a LayersModel says about its input and output.
 * @throws FoveaError `model_invalid` for a layer that no plan has */
export function stateLayers(facts: Facts, model: TfjsModel): DescribedLayers {
  facts.state('layout', 'nhwc', 'the network');
  const sized = withInputSize(model.topology, facts.get('size') ?? ANY_SIZE);
  const compiled = compileModel(sized === null ? model : { ...model, topology: sized });
  if ('unsupported' in compiled) {
    const { layer, reason } = compiled.unsupported;
    throw new FoveaError(
      'model_invalid',
      `The layer ${layer} ${reason}, which Fovea cannot run. Export the model as ONNX (in Keras 3: model.export("model.onnx", format="onnx")) and import that.`,
    );
  }
  statePlan(facts, compiled.plan, { hasSize: sized === null });
  return { inner: scalingInside(compiled.plan), sized };
}
