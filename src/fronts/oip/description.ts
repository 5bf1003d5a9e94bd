import type { ModelVersion } from '../../models/repository/model-version.js';
import type { EngineInfo } from '../../serving/rollout/classifier.js';
import type { AskedModel, ServedModel } from '../../serving/rollout/served-model.js';
import type { Service } from '../../serving/service-state.js';
import { ABOVE_THRESHOLD, CLASS_ID, IMAGE, LABEL, PIXELS, PROBABILITIES } from './signature.js';

/** Of the protocol; the server has no others. */
const EXTENSIONS = [
  'binary_tensor_data',
  'classification',
  'model_repository',
  'schedule_policy',
  'model_configuration',
  'parameters',
  'statistics',
];

export interface DescriptionDeps {
  readonly service: Service;
  readonly maxImages: number;
  readonly maxQueueDelayMs: number;
}

export function serverMetadata({ version }: Pick<Service, 'version'>) {
  return { name: 'fovea', version, extensions: EXTENSIONS };
}

/** Loads the model if needed.
 * @throws FoveaError `not_found`, and errors of loading */
export async function describedModel(service: Service, asked: AskedModel): Promise<ServedModel> {
  await service.prepareModel(asked.model);
  return service.describedModel(asked);
}

/** How FP32 and FP16 in `pixels` are understood. */
function floatsText({ manifest: { input } }: ModelVersion, { inputTypes, name }: EngineInfo): string {
  if (!inputTypes.includes('float32')) return `not taken: the engine ${name} takes UINT8 only`;
  const list = (numbers: readonly number[]): string => `[${numbers.join(', ')}]`;
  const { scale, offset, color_order: order } = input;
  return `the model's own input: value = pixel * scale + offset, channels ${order}, scale ${list(scale)}, offset ${list(offset)}`;
}

function propertiesOf({ classifier: { version, engine } }: ServedModel): Record<string, string> {
  const { labels, metrics, output } = version.manifest;
  const accuracy = metrics.test?.accuracy ?? metrics.validation?.accuracy;
  return {
    'pixels.UINT8': `pixels 0..255, channels ${version.manifest.input.channels === 1 ? 'grey' : 'rgb'}`,
    'pixels.FP32': floatsText(version, engine),
    'pixels.FP16': 'as FP32',
    image: `in place of ${PIXELS}: BYTES [-1], one image file an element, of any size; in JSON base64`,
    labels: JSON.stringify(labels),
    ...(output.task === 'multi' && { task: output.task, thresholds: JSON.stringify(output.thresholds) }),
    created_at: version.manifest.created_at,
    ...(accuracy !== undefined && { accuracy: String(accuracy) }),
  };
}

/** @param asked.version where it is given, `versions` lists it only */
export async function modelMetadata({ service }: Pick<DescriptionDeps, 'service'>, asked: AskedModel) {
  const served = await describedModel(service, asked);
  const { model, version, manifest } = served.classifier.version;
  const { height, width, channels } = manifest.input;
  const state = service.stateOf(model);
  const versions = asked.version === undefined ? [...new Set(state?.versions ?? [version])] : [version];
  return {
    name: model,
    versions: versions.map(String),
    platform: `fovea_${served.classifier.engine.name}`,
    inputs: [{ name: PIXELS, datatype: 'UINT8', shape: [-1, height, width, channels] }],
    outputs: [
      { name: PROBABILITIES, datatype: 'FP32', shape: [-1, manifest.labels.length] },
      { name: LABEL, datatype: 'BYTES', shape: [-1] },
      { name: CLASS_ID, datatype: 'INT32', shape: [-1] },
      ...(manifest.output.task === 'multi'
        ? [{ name: ABOVE_THRESHOLD, datatype: 'BOOL', shape: [-1, manifest.labels.length] }]
        : []),
    ],
    properties: propertiesOf(served),
  };
}

/** In the form of Triton's `ModelConfig`. `max_batch_size` is the most images of one request: the server cuts a request into
 * batches of its own size. */
export async function modelConfig(deps: DescriptionDeps, asked: AskedModel) {
  const served = await describedModel(deps.service, asked);
  const { version, engine } = served.classifier;
  const { input, labels, output } = version.manifest;
  return {
    name: version.model,
    platform: `fovea_${engine.name}`,
    backend: 'fovea',
    version_policy: { specific: { versions: [version.version] } },
    max_batch_size: deps.maxImages,
    input: [
      {
        name: PIXELS,
        data_type: 'TYPE_UINT8',
        format: 'FORMAT_NHWC',
        dims: [input.height, input.width, input.channels],
      },
    ],
    output: [
      { name: PROBABILITIES, data_type: 'TYPE_FP32', dims: [labels.length] },
      { name: LABEL, data_type: 'TYPE_STRING', dims: [1] },
      { name: CLASS_ID, data_type: 'TYPE_INT32', dims: [1] },
      ...(output.task === 'multi'
        ? [{ name: ABOVE_THRESHOLD, data_type: 'TYPE_BOOL', dims: [labels.length] }]
        : []),
    ],
    instance_group: [
      {
        name: `${version.model}_0`,
        kind: engine.device === 'cuda' ? 'KIND_GPU' : 'KIND_CPU',
        count: engine.instances,
      },
    ],
    dynamic_batching: {
      preferred_batch_size: [engine.saturationRows],
      max_queue_delay_microseconds: deps.maxQueueDelayMs * 1000,
    },
    parameters: { precision: { string_value: engine.precision }, input_image: { string_value: IMAGE } },
  };
}
