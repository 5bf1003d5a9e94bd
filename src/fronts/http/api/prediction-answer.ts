import { z } from 'zod';
import type { ModelVersion } from '../../../models/repository/model-version.js';
import type { Prediction, RankedClass } from '../../../serving/prediction.js';
import { indicesOfLargest } from '../../../serving/rank-classes.js';

const rankedClass = z.strictObject({
  class: z.string(),
  class_index: z.int().nonnegative(),
  confidence: z.number(),
});

/** The answer for one image. */
export const predictionSchema = z.strictObject({
  predicted_class: z.string(),
  predicted_class_index: z.int().nonnegative(),
  confidence: z.number(),
  /** Milliseconds from the end of the upload to the answer. */
  prediction_time_ms: z.number(),
  timestamp: z.iso.datetime(),
  all_probabilities: z
    .record(z.string(), z.number())
    .describe('Every class; the five likeliest where a model has more than `FOVEA_MAX_LISTED_CLASSES`.'),
  top_k: z.array(rankedClass).optional(),
  labels: z
    .array(rankedClass)
    .optional()
    .describe(
      'The labels that reach their threshold, likeliest first. Only in answers of models of several labels.',
    ),
  unfamiliar: z
    .boolean()
    .optional()
    .describe(
      'Whether the image is like none of the classes. Only in answers of heads whose manifest has `output.unfamiliar_above`.',
    ),
  warnings: z
    .array(z.string())
    .optional()
    .describe('Damage of the image file that decoders ignore; absent for an undamaged file.'),
  file_name: z.string().nullable(),
  model: z.string(),
  model_version: z.int().positive(),
  request_id: z.string(),
  /** Key of the prediction in the history, for `/api/predictions/{id}` and its feedback. */
  prediction_id: z.uuid(),
});

/** What an answer says of its classes. */
export interface Listing {
  /** Models with more classes list only the likeliest. */
  readonly maxListedClasses: number;
  /** Less likely classes are omitted; the predicted one never is. */
  readonly minConfidence: number;
}

/** Classes that `all_probabilities` lists of a model with too many to list them all. */
const LISTED_OF_MANY = 5;

/** JSON that all answers of a version share. */
interface VersionTexts {
  readonly labels: readonly string[];
  readonly model: string;
}

const textsOfVersions = new WeakMap<ModelVersion, VersionTexts>();

function textsOf(version: ModelVersion): VersionTexts {
  const known = textsOfVersions.get(version);
  if (known !== undefined) return known;
  const labels = version.manifest.labels.map((label) => JSON.stringify(label));
  const texts = { labels, model: JSON.stringify(version.model) };
  textsOfVersions.set(version, texts);
  return texts;
}

function probabilitiesText(
  probabilities: Float32Array,
  labels: readonly string[],
  { maxListedClasses, minConfidence }: Listing,
): string {
  let text = '';
  const add = (index: number): void => {
    const probability = probabilities[index] ?? 0;
    if (probability < minConfidence) return;
    text += text === '' ? `${labels[index]}:${probability}` : `,${labels[index]}:${probability}`;
  };
  if (labels.length <= maxListedClasses) for (let index = 0; index < labels.length; index++) add(index);
  else for (const index of indicesOfLargest(probabilities, LISTED_OF_MANY)) add(index);
  return text;
}

function rankedText(classes: readonly RankedClass[], { minConfidence }: Listing): string {
  const listed: z.infer<typeof rankedClass>[] = classes
    .filter(({ confidence }) => confidence >= minConfidence)
    .map(({ label, classIndex, confidence }) => ({ class: label, class_index: classIndex, confidence }));
  return JSON.stringify(listed);
}

/** Fields that few answers have, each with a comma behind it. */
function rareFields({ topK, labels, isUnfamiliar, warnings }: Prediction, listing: Listing): string {
  let text = '';
  if (topK !== undefined) text += `"top_k":${rankedText(topK, listing)},`;
  if (labels !== undefined) text += `"labels":${rankedText(labels, listing)},`;
  if (isUnfamiliar !== undefined) text += `"unfamiliar":${isUnfamiliar},`;
  if (warnings.length > 0) text += `"warnings":${JSON.stringify(warnings)},`;
  return text;
}

/** A prediction as JSON of this API, in the order of `predictionSchema`. Written as text, because `JSON.stringify` of an object
 * takes three times as long.
 * @param request its id needs no escapes (`request-id.ts`) */
export function answerText(
  prediction: Prediction,
  request: { readonly id: string; readonly fileName: string | null },
  listing: Listing,
): string {
  const { version, classIndex, confidence, predictionMs, answeredAt, probabilities, id } = prediction;
  const { labels, model } = textsOf(version);
  const listed = probabilitiesText(probabilities, labels, listing);
  const fileName = request.fileName === null ? 'null' : JSON.stringify(request.fileName);
  return `{"predicted_class":${labels[classIndex]},"predicted_class_index":${classIndex},"confidence":${confidence},"prediction_time_ms":${predictionMs},"timestamp":"${answeredAt.toISOString()}","all_probabilities":{${listed}},${rareFields(prediction, listing)}"file_name":${fileName},"model":${model},"model_version":${version.version},"request_id":"${request.id}","prediction_id":"${id}"}`;
}
