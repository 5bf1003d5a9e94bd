import type { ImageInput } from '../contracts/manifest.js';
import type { TrainingEvent, TrainingRequest } from '../contracts/training.js';
import type { Dataset } from '../datasets/dataset.js';
import { openSource } from '../datasets/open.js';
import { PixelsOnDisk } from '../datasets/pixel-store.js';
import { readDataset } from '../datasets/read.js';
import { decodeImage } from '../images/decode.js';

/** Training data is the user's own, so that these only guard against accidents. */
const DECODE_LIMITS = { maxInputPixels: 100_000_000, timeoutSeconds: 60 };
const IMAGES_PER_REPORT = 500;

/** What the data has to fit. */
export interface DataShape {
  readonly input: ImageInput;
  /** Labels that a class may have besides those that the data brings. */
  readonly known: readonly string[] | undefined;
}

/** Reads what the request names; every image goes through the decoder that serving uses. The pixels lie in a file
 * beside the checkpoint: it is the page cache that holds them, not the process. */
export async function loadData(
  request: TrainingRequest,
  { input, known }: DataShape,
  report: (event: TrainingEvent) => void,
): Promise<Dataset> {
  const source = await openSource(request.data, request.cache_dir, (bytes, totalBytes) => {
    report({ type: 'downloading', bytes, total_bytes: totalBytes });
  });
  return readDataset(source, {
    input,
    decode: async (bytes) => (await decodeImage(bytes, input, DECODE_LIMITS)).pixels,
    labels: request.labels ?? undefined,
    known,
    openPixels: (rowBytes) => new PixelsOnDisk(rowBytes, request.checkpoint_dir),
    splits: ['train', 'test'],
    onImage: (images) => {
      if (images % IMAGES_PER_REPORT === 0) report({ type: 'reading', images });
    },
  });
}
