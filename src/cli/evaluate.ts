import { join } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';
import { z } from 'zod';
import type { Config } from '../app/config/schema.js';
import type { Split } from '../learning/datasets/dataset.js';
import { type LabelCount, labelCountOf } from '../learning/datasets/label-table.js';
import { openSource } from '../learning/datasets/open.js';
import {
  type LabelSetImages,
  readLabelSetSplit,
  readSplit,
  type SplitImages,
} from '../learning/datasets/read-split.js';
import { answerAll } from '../learning/evaluation/answer.js';
import { computeMetrics } from '../learning/evaluation/metrics.js';
import { computeMultiLabelMetrics, multiLabelAnswers } from '../learning/evaluation/multi-label-metrics.js';
import type { Metrics } from '../models/repository/manifest.js';
import type { ModelVersion } from '../models/repository/model-version.js';
import type { MultiLabelMetrics } from '../models/repository/multi-label-metrics.js';
import { parseOptions } from './arguments.js';
import { loadModel, withModelOptions } from './model-options.js';

const SPLITS = ['test', 'train'] as const;
const optionsSchema = z.looseObject({
  data: z.string(),
  split: z.enum(SPLITS),
  upload: z.string().optional(),
  json: z.boolean().default(false),
});

interface EvaluationRequest {
  readonly config: Config;
  readonly data: string;
  readonly split: Split;
  /** Id of one upload of a catalogue. */
  readonly upload?: string | undefined;
}

/** The data source of a request. */
function openData(
  { config, data, upload }: EvaluationRequest,
  version: ModelVersion,
  labelCount: LabelCount,
) {
  return openSource(data, {
    cacheDir: join(config.storage.cacheDir, 'datasets'),
    catalogue: { model: version.model, upload },
    labelCount,
  });
}

/** Reads a split of the data in the version's input size, with its class indices, or the numbers of its label sets.
 * @throws FoveaError `dataset_invalid` when the data has no such split */
export async function readLabelled(
  request: EvaluationRequest,
  version: ModelVersion,
): Promise<SplitImages & Partial<LabelSetImages> & { readonly isCatalogue: boolean }> {
  const { task } = version.manifest.output;
  const source = await openData(request, version, labelCountOf(task));
  const { maxInputPixels } = request.config.images;
  const { split } = request;
  const read = task === 'single' ? readSplit : readLabelSetSplit;
  const found = await read(source, version.manifest, { split, maxInputPixels });
  if (found.leftOut !== undefined) console.error(found.leftOut);
  return { ...found, isCatalogue: source.isCatalogue === true };
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(2)} %`;
}

function print(metrics: Metrics): void {
  console.log(`images                      ${metrics.images}`);
  console.log(`accuracy                    ${percent(metrics.accuracy)}`);
  console.log(`top-3 accuracy              ${percent(metrics.top3_accuracy)}`);
  console.log(`log loss                    ${metrics.log_loss.toFixed(4)}`);
  console.log(`expected calibration error  ${metrics.expected_calibration_error.toFixed(4)}`);
  console.table(
    Object.fromEntries(
      metrics.per_class.map(({ label, precision, recall, f1, support }) => [
        label,
        { precision: percent(precision), recall: percent(recall), f1: percent(f1), images: support },
      ]),
    ),
  );
}

function printMultiLabel(metrics: MultiLabelMetrics): void {
  const { f1_macro: macro, f1_micro: micro, mean_average_precision: precision } = metrics;
  console.log(`images                      ${metrics.images}`);
  console.log(`F1, macro                   ${percent(macro)}`);
  console.log(`F1, micro                   ${percent(micro)}`);
  console.log(`mean average precision      ${precision === null ? '-' : percent(precision)}`);
  console.log(`exactly the true labels     ${percent(metrics.accuracy)}`);
  console.log(`Hamming loss                ${metrics.hamming_loss.toFixed(4)}`);
  console.log(`log loss                    ${metrics.log_loss.toFixed(4)}`);
  console.table(
    Object.fromEntries(
      metrics.per_class.map(({ label, threshold, support, ...scores }) => [
        label,
        {
          threshold,
          precision: percent(scores.precision),
          recall: percent(scores.recall),
          f1: percent(scores.f1),
          'average precision': scores.average_precision === null ? '-' : percent(scores.average_precision),
          images: support,
        },
      ]),
    ),
  );
}

async function evaluate(config: Config, given: unknown): Promise<void> {
  const { data, split, upload, json } = parseOptions(optionsSchema, given);
  const model = await loadModel(config, given);
  const { images, labelSets } = await readLabelled({ config, data, split, upload }, model.version);
  const bar = new SingleBar(
    { format: '{bar} {value} of {total} images', stream: process.stderr },
    Presets.shades_grey,
  );
  bar.start(images.length, 0);
  const answers = answerAll(model.engine, images, {
    labels: model.version.manifest.labels,
    batchSize: model.batchSize,
    onImages: (done) => bar.update(done),
  });
  bar.stop();
  const metrics =
    labelSets === undefined
      ? computeMetrics(answers)
      : computeMultiLabelMetrics(multiLabelAnswers(answers, labelSets, model.version.manifest.output));
  const { name, device, precision } = model.engine;
  model.engine.dispose();
  if (json) console.log(JSON.stringify({ engine: name, device, precision, split, metrics }));
  else {
    console.log(
      `${model.version.model} version ${model.version.version} on ${name} (${device}, ${precision})`,
    );
    if ('task' in metrics) printMultiLabel(metrics);
    else print(metrics);
  }
}

export function evaluateCommand(config: Config): Command {
  const command = new Command('evaluate')
    .description('Measure a model version on labelled images.')
    .requiredOption('--data <source>', 'as for train')
    .addOption(new Option('--split <name>', 'split of the data').choices(SPLITS).default('test'))
    .option('--upload <id>', 'one upload of a catalogue')
    .option('--json', 'print all metrics, with the confusion matrix, as JSON');
  return withModelOptions(command, config).action((given: unknown) => evaluate(config, given));
}
