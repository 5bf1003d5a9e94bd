import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { z } from 'zod';
import type { Config } from '../app/config/schema.js';
import type { OutputKind } from '../models/plan/output-kind.js';
import { areFinite } from '../platform/are-finite.js';
import { FoveaError } from '../platform/errors.js';
import { escapeControls } from '../platform/escape-controls.js';
import { decodeImage } from '../serving/decoding/decode.js';
import type { RankedClass } from '../serving/prediction.js';
import { labelsAbove, rankClasses } from '../serving/rank-classes.js';
import { parseOptions, toInteger } from './arguments.js';
import { type LoadedModel, loadModel, withModelOptions } from './model-options.js';

const optionsSchema = z.looseObject({ topK: z.int().positive(), json: z.boolean().default(false) });

interface Answer {
  readonly label: string;
  /** 0..1, unless the model's outputs are logits. */
  readonly probability: number;
}

interface Answered {
  /** Likeliest first. */
  readonly answers: readonly Answer[];
  /** The labels of a `multi` model that reach their threshold, likeliest first. */
  readonly labels: readonly Answer[] | undefined;
  /** Damage of the file that was ignored. */
  readonly warnings: readonly string[];
}

function toAnswers(ranked: readonly RankedClass[]): Answer[] {
  return ranked.map(({ label, confidence }) => ({ label, probability: confidence }));
}

/** Decodes and classifies one file. */
async function classify(
  file: string,
  { config, topK }: { readonly config: Config; readonly topK: number },
  { version, engine }: LoadedModel,
): Promise<Answered> {
  const { input, labels, output } = version.manifest;
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new FoveaError('not_found', 'The file cannot be read.', { cause });
  });
  const limits = { maxInputPixels: config.images.maxInputPixels, timeoutSeconds: 60 };
  const { pixels, warnings } = await decodeImage(bytes, input, limits);
  const outputs = new Float32Array(labels.length);
  engine.run(pixels, 1, outputs);
  if (!areFinite(outputs))
    throw new FoveaError('engine_failed', 'The model computed numbers that are not finite for this image.');
  return {
    answers: toAnswers(rankClasses(outputs, labels, topK)),
    labels: output.task === 'multi' ? toAnswers(labelsAbove(outputs, labels, output)) : undefined,
    warnings,
  };
}

/** Logits have no percent. */
export function formatOutput(value: number, kind: OutputKind): string {
  return kind === 'logits' ? value.toFixed(4) : `${(100 * value).toFixed(2)} %`;
}

/** Of a `multi` model the line has every label that reaches its threshold, and in brackets the others of the likeliest. */
export function toLine({ answers, labels }: Pick<Answered, 'answers' | 'labels'>, kind: OutputKind): string {
  const listed = (some: readonly Answer[]) =>
    some.map(({ label, probability }) => `${label} ${formatOutput(probability, kind)}`).join(', ');
  if (labels === undefined) return listed(answers);
  const below = answers.filter((answer) => !labels.some(({ label }) => label === answer.label));
  const above = labels.length === 0 ? 'no label' : listed(labels);
  return below.length === 0 ? above : `${above} (below the threshold: ${listed(below)})`;
}

async function predict(config: Config, files: readonly string[], given: unknown): Promise<void> {
  const { topK, json } = parseOptions(optionsSchema, given);
  const model = await loadModel(config, given);
  for (const file of files) {
    try {
      const { warnings, ...answered } = await classify(file, { config, topK }, model);
      if (json) {
        const { answers: predictions, labels } = answered;
        console.log(JSON.stringify({ file, predictions, labels, ...(warnings.length > 0 && { warnings }) }));
        continue;
      }
      console.log(`${file}: ${toLine(answered, model.engine.outputKind)}`);
      for (const warning of warnings) console.error(`${file}: ${warning}`);
    } catch (error) {
      // An unreadable file must not stop the others.
      const { code, message } = FoveaError.from(error);
      if (json) console.log(JSON.stringify({ file, code, error: message }));
      else console.error(escapeControls(`${file}: ${message}`));
      process.exitCode = 1;
    }
  }
  model.engine.dispose();
}

export function predictCommand(config: Config): Command {
  const command = new Command('predict')
    .description('Classify image files, without a server.')
    .argument('<files...>', 'JPEG, PNG, WebP, AVIF, GIF or TIFF')
    .option('--top-k <number>', 'how many classes to show', toInteger, 3)
    .option('--json', 'one line of JSON per file');
  return withModelOptions(command, config).action((files: string[], given: unknown) =>
    predict(config, files, given),
  );
}
