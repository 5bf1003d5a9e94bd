import type { ImageInput } from '../../models/repository/image-input.js';
import { decodeImage } from '../../serving/decoding/decode.js';
import { labelCountOf } from '../datasets/label-table.js';
import { openSource } from '../datasets/open.js';
import { PixelsOnDisk } from '../datasets/pixel-store.js';
import { readDataset } from '../datasets/read.js';
import type { TrainingEvent, TrainingRequest, WeightedData } from './training.js';
import { type TrainingData, uniteData, type WeightedDataset } from './training-data.js';

/** The operator chose the training data, so that these limits guard only against broken files. */
const DECODE_LIMITS = { maxInputPixels: 100_000_000, timeoutSeconds: 60 };
const IMAGES_PER_REPORT = 500;

/** Model properties that the data must fit. */
export interface DataShape {
  readonly input: ImageInput;
  /** Labels that classes are matched with; new classes are appended. */
  readonly known: readonly string[] | undefined;
}

function weightedDataOf({ data }: TrainingRequest): readonly WeightedData[] {
  return typeof data === 'string' ? [{ data, weight: 1, uploaded_until_ms: null }] : data;
}

/**
 * Reads the data that the request names, with the decoder of the serving path. Pixels lie in files beside the
 * checkpoint, so that the page cache holds them instead of the process.
 * @throws FoveaError `dataset_invalid`, `undecodable_image`
 */
export async function loadData(
  request: TrainingRequest,
  { input, known }: DataShape,
  report: (event: TrainingEvent) => void,
): Promise<TrainingData> {
  const sources: WeightedDataset[] = [];
  const labelCount = labelCountOf(request.task);
  let imagesRead = 0;
  for (const { data, weight, uploaded_until_ms: untilMs } of weightedDataOf(request)) {
    const source = await openSource(data, {
      cacheDir: request.cache_dir,
      onProgress: (bytes, totalBytes) => report({ type: 'downloading', bytes, total_bytes: totalBytes }),
      catalogue: { model: request.model, untilMs: untilMs ?? undefined },
      labelCount,
    });
    const dataset = await readDataset(source, {
      input,
      decode: async (bytes) => (await decodeImage(bytes, input, DECODE_LIMITS)).pixels,
      ...(labelCount === 'one' ? { labels: request.labels ?? undefined, known } : { minClasses: 1 }),
      openPixels: (rowBytes) => new PixelsOnDisk(rowBytes, request.checkpoint_dir),
      splits: ['train', 'test'],
      onImage: () => {
        if (++imagesRead % IMAGES_PER_REPORT === 0) report({ type: 'reading', images: imagesRead });
      },
    });
    sources.push({ dataset, weight, isCatalogue: source.isCatalogue === true });
  }
  const { validation_share: validationShare } = request.settings;
  return uniteData(sources, { known: known ?? [], validationShare, labelCount });
}
