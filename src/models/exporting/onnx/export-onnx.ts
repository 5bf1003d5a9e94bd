import { packageVersion } from '../../../platform/package-version.js';
import { onnxMetadata } from '../../formats/onnx/fovea-metadata.js';
import { foldPlan } from '../../plan/fold.js';
import { INPUT_VALUE, type TrainingPlan, type ValueId } from '../../plan/plan.js';
import type { Manifest } from '../../repository/manifest.js';
import { OnnxWriter } from './onnx-writer.js';
import { type Written, writeStep } from './write-step.js';

const INPUT = 'pixels';
const OUTPUT = 'probabilities';

/**
 * Writes a plan as an ONNX file of opset 17, or 20 where it has a gelu. Its input is float32 `[rows, channels, height, width]` after the manifest's scale
 * and offset; its output is what Fovea answers: `output.activation` and `output.drop_first` are part of the graph. The metadata
 * hold the rest of the manifest, so that `fovea import` asks for nothing.
 * @param fold `foldPlanInPlace` where the plan is not used again
 * @throws FoveaError `bad_request` for a step that ONNX files of ours cannot hold
 */
export function exportOnnx(trainable: TrainingPlan, manifest: Manifest, fold = foldPlan): Uint8Array {
  const plan = fold(trainable);
  const writer = new OnnxWriter();
  const [height = 0, width = 0, channels = 0] = plan.inputShape;
  const values = new Map<ValueId, Written>([[INPUT_VALUE, { name: INPUT, shape: plan.inputShape }]]);
  for (const step of plan.steps) {
    const inputs = step.inputs.flatMap((id) => values.get(id) ?? []);
    values.set(step.output, { name: writeStep(writer, step, inputs), shape: step.shape });
  }
  const result = finished(writer, values.get(plan.output)?.name ?? '', manifest);
  return writer.finish(
    {
      name: manifest.model,
      input: { name: INPUT, shape: [channels, height, width] },
      output: { name: OUTPUT, shape: [manifest.labels.length] },
      result,
    },
    onnxMetadata(manifest),
    packageVersion(),
  );
}

/** Drops classes and applies the activation, as `engines/finished-engine.ts` does. */
function finished(writer: OnnxWriter, value: string, { labels, output }: Manifest): string {
  const { drop_first: dropped, activation } = output;
  const kept =
    dropped === 0
      ? value
      : writer.node('output', 'Slice', [
          value,
          writer.integers([dropped]),
          writer.integers([dropped + labels.length]),
          writer.integers([1]),
        ]);
  if (activation === 'softmax') return writer.node('output', 'Softmax', [kept], { axis: 1 });
  if (activation === 'sigmoid') return writer.node('output', 'Sigmoid', [kept]);
  if (dropped === 0 || output.task === 'multi') return kept;
  const sum = writer.node('output', 'ReduceSum', [kept, writer.integers([1])]);
  return writer.node('output', 'Div', [kept, sum]);
}
