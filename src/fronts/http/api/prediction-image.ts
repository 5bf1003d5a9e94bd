import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { History } from '../../../insight/history/history.js';
import type { KeptImages } from '../../../insight/history/kept-images.js';
import { FoveaError } from '../../../platform/errors.js';
import { IMAGE_FORMATS } from '../../../platform/image-format.js';
import type { Reply } from '../reply.js';
import type { Route } from '../route.js';

export interface PredictionImageParts {
  readonly history: Pick<History, 'byId'>;
  /** Undefined unless FOVEA_KEEP_IMAGES is set. */
  readonly keptImages: Pick<KeptImages, 'pathOf'> | undefined;
}

function notKept(): FoveaError {
  return new FoveaError(
    'not_found',
    'The image of this prediction was not kept. Set FOVEA_KEEP_IMAGES to keep future images.',
  );
}

async function sendImage({ history, keptImages }: PredictionImageParts, id: string): Promise<Reply> {
  const { image_sha256: sha256 } = await history.byId(id);
  const path = sha256 === null ? undefined : keptImages?.pathOf(sha256);
  if (path === undefined) throw notKept();
  const body = await readFile(path).catch((error: unknown) => {
    // It may be evicted meanwhile.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw notKept();
    throw error;
  });
  const headers = [
    // The name's ending is the format that the decoder found in the bytes.
    ['Content-Type', `image/${extname(path).slice(1)}`],
    ['Cache-Control', 'private, max-age=3600'],
  ] as const;
  return { status: 200, headers, body };
}

/** The image of a past prediction. Only operators see the images of others. */
export function predictionImageRoute(parts: PredictionImageParts): Route {
  return {
    method: 'GET',
    path: '/api/predictions/:id/image',
    parameters: { id: '`prediction_id` of the answer.' },
    summary: 'The image of a past prediction as it was sent, where FOVEA_KEEP_IMAGES keeps images.',
    answer: undefined,
    answerTypes: IMAGE_FORMATS.map((format) => `image/${format}`),
    errors: ['not_found', 'history_failed', 'overloaded'],
    access: 'admin',
    limit: 'read',
    needsModel: false,
    respond: ({ parameters }) => sendImage(parts, parameters.id ?? ''),
  };
}
