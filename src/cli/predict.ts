import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { z } from 'zod';
import type { Config } from '../app/config/schema.js';
import type { OutputKind } from '../models/plan/output-kind.js';
import { areFinite } from '../platform/are-finite.js';
import { FoveaError } from '../platform/errors.js';
import { escapeControls } from '../platform/escape-controls.js';
import { decodeImage } from '../serving/decoding/decode.js';
import { rankClasses } from '../serving/rank-classes.js';
import { toInteger } from './arguments.js';
import { type LoadedModel, loadModel, withModelOptions } from './model-options.js';

const optionsSchema = z.looseObject({ topK: z.int().positive(), json: z.boolean().default(false) });

interface Answer {
  readonly label: string;
  /** 0..1, unless the model's outputs are logits. */
  readonly probability: number;
}

/** @returns the `topK` likeliest classes, likeliest first */
async function classify(
  file: string,
  { config, topK }: { readonly config: Config; readonly topK: number },
  { version, engine }: LoadedModel,
): Promise<Answer[]> {
  const { input, labels } = version.manifest;
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new FoveaError('not_found', 'The file cannot be read.', { cause });
  });
  const limits = { maxInputPixels: config.images.maxInputPixels, timeoutSeconds: 60 };
  const { pixels } = await decodeImage(bytes, input, limits);
  const outputs = new Float32Array(labels.length);
  engine.run(pixels, 1, outputs);
  if (!areFinite(outputs))
    throw new FoveaError('engine_failed', 'The model computed numbers that are not finite for this image.');
  return rankClasses(outputs, labels, topK).map(({ label, confidence }) => ({
    label,
    probability: confidence,
  }));
}

/** Logits have no percent. */
export function formatOutput(value: number, kind: OutputKind): string {
  return kind === 'logits' ? value.toFixed(4) : `${(100 * value).toFixed(2)} %`;
}

function toLine(file: string, answers: readonly Answer[], kind: OutputKind): string {
  return `${file}: ${answers.map(({ label, probability }) => `${label} ${formatOutput(probability, kind)}`).join(', ')}`;
}

async function predict(config: Config, files: readonly string[], given: unknown): Promise<void> {
  const { topK, json } = optionsSchema.parse(given);
  const model = await loadModel(config, given);
  for (const file of files) {
    try {
      const answers = await classify(file, { config, topK }, model);
      const { outputKind } = model.engine;
      console.log(json ? JSON.stringify({ file, predictions: answers }) : toLine(file, answers, outputKind));
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
