import { availableParallelism } from 'node:os';
import { decidePrecision } from '../../models/engines/precision/decide.js';
import { prepareProcess } from '../../models/engines/prepare-process.js';
import { loadEngine } from '../../models/engines/select.js';
import { readGolden } from '../../serving/decoding/read-golden.js';
import { labelCountOf } from '../datasets/label-table.js';
import type { LabelledImages } from '../datasets/labelled-images.js';
import { openNamedSource } from '../datasets/named-source.js';
import { type LabelSetImages, readLabelSetSplit, readSplit } from '../datasets/read-split.js';
import { sampleEvenly } from '../datasets/sample-evenly.js';
import { answerAll } from './answer.js';
import type { EvaluationResult } from './evaluation.js';
import type { EvaluationEvent, EvaluationTask } from './evaluation-task.js';
import { type Answers, answeredImages, computeMetrics } from './metrics.js';
import { worstMistakes } from './mistakes.js';
import {
  computeMultiLabelMetrics,
  judgedLabels,
  likeliestLabels,
  multiLabelAnswers,
} from './multi-label-metrics.js';
import { worstMultiLabelMistakes } from './multi-label-mistakes.js';
import { type Judged, reliabilityOf } from './reliability.js';

type Report = (event: EvaluationEvent) => void;

const IMAGES_PER_REPORT = 250;
const CONFIDENCE_BINS = 20;

interface EvaluatedImages {
  readonly images: LabelledImages;
  /** Of a `multi` model: the true labels, by `images.classOf`. */
  readonly labelSets: LabelSetImages['labelSets'] | undefined;
  readonly description: string;
}

/** Reads the images that the task names. A limit samples evenly, because data sets are often sorted by class. */
async function readImages(task: EvaluationTask, report: Report): Promise<EvaluatedImages> {
  const { data, upload, places } = task;
  const { model, manifest } = task.version;
  const isMulti = manifest.output.task === 'multi';
  const wanted = { data, upload, model, labelCount: labelCountOf(manifest.output.task) };
  const source = await openNamedSource(wanted, places, () => report({ type: 'downloading' }));
  const options = {
    split: task.split,
    maxInputPixels: task.max_input_pixels,
    onImage: (read: number) => {
      if (read % IMAGES_PER_REPORT === 0) report({ type: 'reading', images: read });
    },
  };
  const { images, leftOut, labelSets } = isMulti
    ? await readLabelSetSplit(source, manifest, options)
    : { ...(await readSplit(source, manifest, options)), labelSets: undefined };
  const description = [source.description, leftOut].filter((text) => text !== undefined).join(', ');
  if (task.limit === null || task.limit >= images.length) return { images, labelSets, description };
  const sample = images.pick(sampleEvenly((index) => index, images.length, task.limit));
  return { images: sample, labelSets, description };
}

async function predictAll(task: EvaluationTask, images: LabelledImages, report: Report): Promise<Answers> {
  const { version, max_batch_size: maxBatchSize, auto_precision: autoPrecision } = task;
  const threads = availableParallelism();
  prepareProcess(task, threads);
  const golden = await readGolden(version);
  const { name, engine } = await loadEngine(version, task, {
    maxBatchSize,
    threads,
    calibrationsDir: autoPrecision.calibrationsDir,
    golden,
    decided: await decidePrecision(version, task, { ...autoPrecision, maxBatchSize, golden }),
  });
  const { device, precision } = engine;
  report({ type: 'loaded', engine: { name, device, precision } });
  let reported = 0;
  const answers = answerAll(engine, images, {
    labels: version.manifest.labels,
    batchSize: maxBatchSize,
    onImages: (done) => {
      if (done - reported < IMAGES_PER_REPORT && done < images.length) return;
      reported = done;
      report({ type: 'predicting', images: done });
    },
  });
  engine.dispose();
  return answers;
}

function confidenceCounts(answers: readonly Judged[]): EvaluationResult['confidence'] {
  const right = new Array<number>(CONFIDENCE_BINS).fill(0);
  const wrong = new Array<number>(CONFIDENCE_BINS).fill(0);
  for (const { confidence, predicted, truth } of answers) {
    const counts = predicted === truth ? right : wrong;
    const bin = Math.min(CONFIDENCE_BINS - 1, Math.max(0, Math.floor(confidence * CONFIDENCE_BINS)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { right, wrong };
}

/**
 * Measures a version on labelled images. It blocks for seconds; run it in a child process.
 * @throws FoveaError `dataset_invalid`, `undecodable_image`, `engine_unavailable`, `model_invalid`, `engine_failed`
 */
export async function runEvaluation(task: EvaluationTask, report: Report): Promise<EvaluationResult> {
  const { images, labelSets, description } = await readImages(task, report);
  report({ type: 'loading', images_total: images.length });
  const answers = await predictAll(task, images, report);
  const { labels, input, output } = task.version.manifest;
  const options = { input, labels, wanted: task.mistakes };
  const data = { data_description: description, data_fingerprint: images.fingerprint() };
  if (labelSets !== undefined) {
    const sets = multiLabelAnswers(answers, labelSets, output);
    return {
      metrics: computeMultiLabelMetrics(sets),
      ...data,
      reliability: reliabilityOf(judgedLabels(sets)),
      confidence: confidenceCounts(likeliestLabels(sets)),
      mistakes: await worstMultiLabelMistakes(sets, images, options),
    };
  }
  const answered = answeredImages(answers);
  return {
    metrics: computeMetrics(answers),
    ...data,
    reliability: reliabilityOf(answered),
    confidence: confidenceCounts(answered),
    mistakes: await worstMistakes(answered, images, options),
  };
}
