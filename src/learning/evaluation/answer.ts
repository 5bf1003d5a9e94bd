import type { Engine } from '../../models/engines/engine.js';
import { areFinite } from '../../platform/are-finite.js';
import { FoveaError } from '../../platform/errors.js';
import type { LabelledImages } from '../datasets/labelled-images.js';
import type { Answers } from './metrics.js';

export interface AnswerOptions {
  readonly labels: readonly string[];
  /** At most the engine's largest batch. */
  readonly batchSize: number;
  readonly onImages: (imagesDone: number) => void;
}

/** Runs the engine on all images, batch by batch.
 * @throws FoveaError `engine_failed` */
export function answerAll(engine: Engine, images: LabelledImages, options: AnswerOptions): Answers {
  const { labels, batchSize, onImages } = options;
  const pixels = new Uint8Array(batchSize * images.rowBytes);
  const batch = new Float32Array(batchSize * labels.length);
  const probabilities = new Float32Array(images.length * labels.length);
  const truth: number[] = [];
  for (let start = 0; start < images.length; start += batchSize) {
    const rows = Math.min(batchSize, images.length - start);
    for (let row = 0; row < rows; row++) {
      pixels.set(images.row(start + row), row * images.rowBytes);
      truth.push(images.classOf(start + row));
    }
    engine.run(pixels, rows, batch);
    const answers = batch.subarray(0, rows * labels.length);
    if (!areFinite(answers))
      throw new FoveaError('engine_failed', 'The model computed numbers that are not finite.');
    probabilities.set(answers, start * labels.length);
    onImages(start + rows);
  }
  return { labels, probabilities, truth };
}
