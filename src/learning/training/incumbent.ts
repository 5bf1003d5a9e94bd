import { availableParallelism } from 'node:os';
import { loadEngine } from '../../models/engines/select.js';
import { openVersion } from '../../models/repository/open-version.js';
import { indexOfLargest } from '../../serving/rank-classes.js';
import type { Images } from '../datasets/labelled-images.js';

const BATCH = 32;

export interface IncumbentOptions {
  /** Folder of the incumbent version. */
  readonly directory: string;
  readonly images: Images;
  /** The images to compare on. */
  readonly indices: Uint32Array;
  /** Labels of the images' class numbers. */
  readonly labels: readonly string[];
}

/**
 * Accuracy of the incumbent version on the given images. Images of classes that it does not have count as wrong.
 * @returns 0..1; undefined when its input has another size, or it was trained on validation images: the gate then compares with
 *   the accuracy in its manifest
 * @throws FoveaError `model_invalid`, `engine_unavailable`, `engine_failed`
 */
export async function incumbentAccuracy(options: IncumbentOptions): Promise<number | undefined> {
  const { directory, images, indices, labels } = options;
  const incumbent = await openVersion({ directory, model: undefined, version: undefined });
  const { input, labels: ownLabels, training } = incumbent.manifest;
  if (training?.settings.learns_validation_images === true) return undefined;
  if (input.height * input.width * input.channels !== images.rowBytes) return undefined;
  const { engine } = await loadEngine(
    incumbent,
    { engine: 'auto', device: 'cpu', precision: 'float32' },
    { maxBatchSize: BATCH, threads: availableParallelism(), golden: [] },
  );
  const numbers = labels.map((label) => ownLabels.indexOf(label));
  const pixels = new Uint8Array(BATCH * images.rowBytes);
  const probabilities = new Float32Array(BATCH * ownLabels.length);
  let hits = 0;
  for (let start = 0; start < indices.length; start += BATCH) {
    const members = indices.subarray(start, start + BATCH);
    for (const [row, index] of members.entries()) pixels.set(images.row(index), row * images.rowBytes);
    engine.run(pixels, members.length, probabilities);
    members.forEach((index, row) => {
      const answer = probabilities.subarray(row * ownLabels.length, (row + 1) * ownLabels.length);
      if (indexOfLargest(answer) === numbers[images.classOf(index)]) hits += 1;
    });
  }
  engine.dispose();
  return hits / indices.length;
}
