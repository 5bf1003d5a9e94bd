import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { z } from 'zod';
import type { Config } from '../app/config/schema.js';
import { FoveaError } from '../platform/errors.js';
import { decodeImage } from '../serving/decoding/decode.js';
import { toInteger } from './arguments.js';
import { type LoadedModel, loadModel, withModelOptions } from './model-options.js';

const optionsSchema = z.looseObject({ topK: z.int().positive(), json: z.boolean().default(false) });

interface Ranked {
  readonly label: string;
  readonly probability: number;
}

/** @returns every class, likeliest first */
async function classify(file: string, config: Config, { version, engine }: LoadedModel): Promise<Ranked[]> {
  const { input, labels } = version.manifest;
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new FoveaError('not_found', 'The file cannot be read.', { cause });
  });
  const limits = { maxInputPixels: config.images.maxInputPixels, timeoutSeconds: 60 };
  const { pixels } = await decodeImage(bytes, input, limits);
  const probabilities = new Float32Array(labels.length);
  engine.run(pixels, 1, probabilities);
  return labels
    .map((label, index) => ({ label, probability: probabilities[index] ?? 0 }))
    .sort((a, b) => b.probability - a.probability);
}

function toLine(file: string, ranked: readonly Ranked[]): string {
  const classes = ranked.map(({ label, probability }) => `${label} ${(100 * probability).toFixed(2)} %`);
  return `${file}: ${classes.join(', ')}`;
}

async function predict(config: Config, files: readonly string[], given: unknown): Promise<void> {
  const { topK, json } = optionsSchema.parse(given);
  const model = await loadModel(config, given);
  for (const file of files) {
    try {
      const ranked = (await classify(file, config, model)).slice(0, topK);
      console.log(json ? JSON.stringify({ file, predictions: ranked }) : toLine(file, ranked));
    } catch (error) {
      // An unreadable file must not stop the others.
      const { code, message } = FoveaError.from(error);
      if (json) console.log(JSON.stringify({ file, code, error: message }));
      else console.error(`${file}: ${message}`);
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
