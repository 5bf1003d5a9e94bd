import { availableParallelism } from 'node:os';
import { loadEngine } from '../../models/engines/select.js';
import { openVersion } from '../../models/repository/open-version.js';
import { answeredClasses } from '../../serving/rank-classes.js';
import type { Images } from '../datasets/labelled-images.js';

const BATCH = 32;

export interface IncumbentOptions {
  /** Folder of the incumbent version. */
  readonly directory: string;
  readonly images: Images;
  /** The images to compare on. */
  readonly indices: Uint32Array;
  readonly labels: readonly string[];
  /** Labels of an image, by its class number; undefined: its class number is its label. */
  readonly labelSets: readonly ReadonlySet<number>[] | undefined;
}

/**
 * Accuracy of the incumbent version on the given images. Images of classes that it does not have count as wrong. Of several labels, all must be right.
 * @returns 0..1; undefined when its input has another size, or it was trained on validation images: the gate then compares with
 *   the accuracy in its manifest
 * @throws FoveaError `model_invalid`, `engine_unavailable`, `engine_failed`
 */
export async function incumbentAccuracy(options: IncumbentOptions): Promise<number | undefined> {
  const { directory, images, indices, labels, labelSets } = options;
  const incumbent = await openVersion({ directory, model: undefined, version: undefined });
  const { input, labels: ownLabels, training, output } = incumbent.manifest;
  if (training?.settings.learns_validation_images === true) return undefined;
  if (input.height * input.width * input.channels !== images.rowBytes) return undefined;
  const { engine } = await loadEngine(
    incumbent,
    { engine: 'auto', device: 'cpu', precision: 'float32' },
    { maxBatchSize: BATCH, threads: availableParallelism(), golden: [] },
  );
  const truthOf = (number: number) =>
    [...(labelSets?.[number] ?? [number])].map((label) => labels[label] ?? '');
  const pixels = new Uint8Array(BATCH * images.rowBytes);
  const probabilities = new Float32Array(BATCH * ownLabels.length);
  let hits = 0;
  for (let start = 0; start < indices.length; start += BATCH) {
    const members = indices.subarray(start, start + BATCH);
    for (const [row, index] of members.entries()) pixels.set(images.row(index), row * images.rowBytes);
    engine.run(pixels, members.length, probabilities);
    members.forEach((index, row) => {
      const answer = probabilities.subarray(row * ownLabels.length, (row + 1) * ownLabels.length);
      const answered = answeredClasses(answer, output).map((place) => ownLabels[place] ?? '');
      const truth = truthOf(images.classOf(index));
      if (truth.length === answered.length && answered.every((label) => truth.includes(label))) hits += 1;
    });
  }
  engine.dispose();
  return hits / indices.length;
}
