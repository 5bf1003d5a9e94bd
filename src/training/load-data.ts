import type { ImageInput } from '../contracts/manifest.js';
import type { TrainingEvent, TrainingRequest } from '../contracts/training.js';
import type { Dataset } from '../datasets/dataset.js';
import { openSource } from '../datasets/open.js';
import { readDataset } from '../datasets/read.js';
import { decodeImage } from '../images/decode.js';

/** Training data is the user's own, so that these only guard against accidents. */
const DECODE_LIMITS = { maxInputPixels: 100_000_000, timeoutSeconds: 60 };
const IMAGES_PER_REPORT = 500;

/** Reads what the request names; every image goes through the decoder that serving uses. */
export async function loadData(
  request: TrainingRequest,
  input: ImageInput,
  report: (event: TrainingEvent) => void,
): Promise<Dataset> {
  const source = await openSource(request.data, request.cache_dir, (bytes, totalBytes) => {
    report({ type: 'downloading', bytes, total_bytes: totalBytes });
  });
  return readDataset(source, {
    input,
    decode: async (bytes) => (await decodeImage(bytes, input, DECODE_LIMITS)).pixels,
    labels: request.labels ?? undefined,
    splits: ['train', 'test'],
    onImage: (images) => {
      if (images % IMAGES_PER_REPORT === 0) report({ type: 'reading', images });
    },
  });
}
