import { FoveaError } from '../../../platform/errors.js';
import type { ModelInput } from '../../../serving/model-input.js';
import { imageCountOf, type StreamRequest } from './stream-request.js';

/** @throws FoveaError `empty_body`, `too_large` (images), `bad_request` (bytes) */
export function checkImages(request: StreamRequest, maxImages: number): void {
  const count = imageCountOf(request);
  const { bytes } = request.images;
  if (bytes.length === 0) throw new FoveaError('empty_body', 'The request has no bytes of an image.');
  if (count > maxImages) {
    throw new FoveaError('too_large', `A request has at most ${maxImages} images.`, {
      details: { max_images: maxImages },
    });
  }
  if (bytes.length % count !== 0) {
    throw new FoveaError('bad_request', `${bytes.length} bytes are not ${count} images of one size.`, {
      details: { received_bytes: bytes.length, images: count },
    });
  }
}

/** The request with a copy of its bytes, which the frame's memory does not outlive. */
export function withOwnBytes(request: StreamRequest): StreamRequest {
  const { images } = request;
  return { ...request, images: { ...images, bytes: Buffer.from(images.bytes) } };
}

/** The request with pixels in the memory of the frame; other images are copied. */
export function withBorrowedPixels(request: StreamRequest): StreamRequest {
  const { images } = request;
  if (images.kind === 'encoded') return withOwnBytes(request);
  return { ...request, images: { ...images, isBorrowed: true } };
}

/** The images of a request that `checkImages` has passed; views of its bytes. */
export function inputsOf({ images }: StreamRequest): [ModelInput, ...ModelInput[]] {
  const { bytes } = images;
  if (images.kind === 'encoded') return [{ kind: 'encoded', bytes }];
  const { isBorrowed = false } = images;
  if (bytes.length === 0) throw new FoveaError('internal', 'The memory of a frame was freed. This is a bug.');
  const imageBytes = bytes.length / images.count;
  const pixelsAt = (place: number): ModelInput => ({
    kind: 'pixels',
    bytes: bytes.subarray(place * imageBytes, (place + 1) * imageBytes),
    shape: undefined,
    isBorrowed,
  });
  return [pixelsAt(0), ...Array.from({ length: images.count - 1 }, (_, place) => pixelsAt(place + 1))];
}
