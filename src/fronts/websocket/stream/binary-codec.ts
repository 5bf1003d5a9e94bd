import { FoveaError } from '../../../platform/errors.js';
import type { Prediction } from '../../../serving/prediction.js';
import { indicesOfLargest } from '../../../serving/rank-classes.js';
import { ANSWER_STATUS, type Answered, type Codec, type Failed, type Hello } from './codec.js';
import { errorBody } from './error-body.js';
import { type ClientMessage, CONNECTION_ID, malformed, type StreamRequest } from './stream-request.js';

export const BINARY_PROTOCOL = 'fovea.bin.v1';

/** Sizes of the two headers; all numbers are little-endian. Specified in docs/stream-protocol.md. */
export const REQUEST_HEADER_BYTES = 32;
export const ANSWER_HEADER_BYTES = 24;

export const REQUEST_TYPE = { predict: 1, authenticate: 2 } as const;
export const IMAGE_FORMAT = { file: 0, pixels: 1 } as const;
export const REQUEST_FLAG = { droppable: 1, ids: 2 } as const;
export const ANSWER_TYPE = { answer: 1, hello: 2, error: 3 } as const;
export const ANSWER_LAYOUT = { probabilities: 0, topK: 1 } as const;
export const ANSWER_FLAG = { ids: 2 } as const;

const KNOWN_FLAGS = REQUEST_FLAG.droppable | REQUEST_FLAG.ids;
const ID_BYTES = 16;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;
/** Class index and probability. */
const RANKED_BYTES = 8;

interface RequestHeader {
  readonly type: number;
  readonly format: number;
  readonly flags: number;
  readonly id: number;
  readonly images: number;
  readonly video: number;
  readonly topK: number;
  readonly modelBytes: number;
  readonly version: number;
  readonly deadlineMs: number;
  readonly smoothing: number;
  /** Must be 0: later versions of the protocol may give it a meaning. */
  readonly reserved: number;
}

function readHeader(bytes: Buffer): RequestHeader {
  return {
    type: bytes.readUInt8(0),
    format: bytes.readUInt8(1),
    flags: bytes.readUInt16LE(2),
    id: bytes.readUInt32LE(4),
    images: bytes.readUInt32LE(8),
    video: bytes.readUInt32LE(12),
    topK: bytes.readUInt16LE(16),
    modelBytes: bytes.readUInt16LE(18),
    version: bytes.readUInt32LE(20),
    deadlineMs: bytes.readUInt32LE(24),
    smoothing: bytes.readUInt8(28),
    reserved: bytes.readUIntLE(29, 3),
  };
}

/** @returns the first error in the header of a prediction; undefined for a valid header */
function problemOf({ format, flags, images, reserved }: RequestHeader): string | undefined {
  if (format !== IMAGE_FORMAT.file && format !== IMAGE_FORMAT.pixels) return `Format ${format} is unknown.`;
  if ((flags & ~KNOWN_FLAGS) !== 0 || reserved !== 0) return 'A reserved flag or byte is not 0.';
  if (images === 0) return 'The request has no image.';
  if (format === IMAGE_FORMAT.file && images !== 1) return 'A request has one image file.';
  return undefined;
}

function orUndefined(value: number): number | undefined {
  return value === 0 ? undefined : value;
}

function toRequest(header: RequestHeader, model: Buffer, payload: Buffer): StreamRequest {
  const { id, format, images, topK, version, deadlineMs, video, flags, smoothing } = header;
  return {
    id,
    images:
      format === IMAGE_FORMAT.file
        ? { kind: 'encoded', bytes: payload }
        : { kind: 'pixels', bytes: payload, count: images },
    model: model.length === 0 ? undefined : model.toString(),
    version: orUndefined(version),
    topK: orUndefined(topK),
    minConfidence: undefined,
    deadlineMs: orUndefined(deadlineMs),
    video,
    isDroppable: (flags & REQUEST_FLAG.droppable) !== 0,
    smoothing: Math.max(1, smoothing),
    wantsIds: (flags & REQUEST_FLAG.ids) !== 0,
  };
}

interface AnswerHeader {
  readonly type: number;
  readonly status: number;
  readonly id: number;
  readonly layout?: number;
  readonly images?: number;
  readonly classes?: number;
  readonly version?: number;
  readonly flags?: number;
}

/** @returns a message with room for `bodyBytes` behind its header */
function messageWith(header: AnswerHeader, bodyBytes: number): Buffer {
  const message = Buffer.allocUnsafe(ANSWER_HEADER_BYTES + bodyBytes);
  message.writeUInt8(header.type, 0);
  message.writeUInt8(header.layout ?? 0, 1);
  message.writeUInt16LE(header.status, 2);
  message.writeUInt32LE(header.id, 4);
  message.writeUInt32LE(header.images ?? 0, 8);
  message.writeUInt32LE(header.classes ?? 0, 12);
  message.writeUInt32LE(header.version ?? 0, 16);
  message.writeUInt16LE(header.flags ?? 0, 20);
  message.writeUInt16LE(0, 22);
  return message;
}

function jsonMessage(header: AnswerHeader, body: unknown): Buffer {
  const text = JSON.stringify(body);
  const message = messageWith(header, Buffer.byteLength(text));
  message.write(text, ANSWER_HEADER_BYTES);
  return message;
}

function writeProbabilities({ probabilities }: Prediction, message: Buffer, at: number): void {
  const { buffer, byteOffset, byteLength } = probabilities;
  message.set(new Uint8Array(buffer, byteOffset, byteLength), at);
}

function writeRanked({ probabilities }: Prediction, count: number, message: Buffer, at: number): void {
  for (const [place, index] of indicesOfLargest(probabilities, count).entries()) {
    message.writeUInt32LE(index, at + place * RANKED_BYTES);
    message.writeFloatLE(probabilities[index] ?? 0, at + place * RANKED_BYTES + FLOAT_BYTES);
  }
}

/** Errors of single images, behind their values. */
function errorsOf({ outcomes, requestId }: Answered): string {
  const errors = outcomes.flatMap((outcome, index) =>
    outcome instanceof FoveaError ? [{ index, ...errorBody({ error: outcome, requestId }) }] : [],
  );
  return errors.length === 0 ? '' : JSON.stringify(errors);
}

/** A frame in each direction is a fixed header and a body. */
export class BinaryCodec implements Codec {
  read(message: Uint8Array, isBinary: boolean): ClientMessage {
    const bytes = Buffer.from(message.buffer, message.byteOffset, message.length);
    if (!isBinary) return malformed(CONNECTION_ID, `${BINARY_PROTOCOL} has no text frames.`);
    if (bytes.length < REQUEST_HEADER_BYTES)
      return malformed(CONNECTION_ID, `A frame has a header of ${REQUEST_HEADER_BYTES} bytes.`);
    const header = readHeader(bytes);
    const { type, id, modelBytes } = header;
    if (type === REQUEST_TYPE.authenticate)
      return { kind: 'authenticate', id, key: bytes.toString('utf8', REQUEST_HEADER_BYTES) };
    if (type !== REQUEST_TYPE.predict) return malformed(id, `Type ${type} is unknown.`);
    if (id === CONNECTION_ID) return malformed(id, 'Ids of requests start at 1.');
    const payloadAt = REQUEST_HEADER_BYTES + modelBytes;
    const problem =
      problemOf(header) ?? (payloadAt > bytes.length ? 'The name of the model is cut off.' : undefined);
    if (problem !== undefined) return malformed(id, problem);
    const model = bytes.subarray(REQUEST_HEADER_BYTES, payloadAt);
    return { kind: 'predict', request: toRequest(header, model, bytes.subarray(payloadAt)) };
  }

  hello(hello: Hello): Buffer {
    return jsonMessage({ type: ANSWER_TYPE.hello, status: 200, id: CONNECTION_ID }, hello);
  }

  error({ id, requestId, error }: Failed): Buffer {
    const body = errorBody({ requestId, error });
    return jsonMessage({ type: ANSWER_TYPE.error, status: body.status, id }, body);
  }

  answer(answered: Answered): Buffer {
    const { request, outcomes, topK } = answered;
    const first = outcomes.find((outcome): outcome is Prediction => !(outcome instanceof FoveaError));
    if (first === undefined) throw new FoveaError('internal', 'An answer has no prediction. This is a bug.');
    const all = first.probabilities.length;
    const classes = topK === undefined ? all : Math.min(topK, all);
    const imageBytes = classes * (topK === undefined ? FLOAT_BYTES : RANKED_BYTES);
    const idsAt = ANSWER_HEADER_BYTES + outcomes.length * imageBytes;
    const idsBytes = request.wantsIds ? outcomes.length * ID_BYTES : 0;
    const errors = errorsOf(answered);
    const header = {
      type: ANSWER_TYPE.answer,
      layout: topK === undefined ? ANSWER_LAYOUT.probabilities : ANSWER_LAYOUT.topK,
      status: errors === '' ? ANSWER_STATUS.whole : ANSWER_STATUS.partial,
      id: request.id,
      images: outcomes.length,
      classes,
      version: first.version.version,
      flags: request.wantsIds ? ANSWER_FLAG.ids : 0,
    };
    const message = messageWith(header, outcomes.length * imageBytes + idsBytes + Buffer.byteLength(errors));
    for (const [place, outcome] of outcomes.entries()) {
      const at = ANSWER_HEADER_BYTES + place * imageBytes;
      const idAt = idsAt + place * ID_BYTES;
      if (outcome instanceof FoveaError) {
        // Every byte 0xff: each value is NaN, and the id is none.
        message.fill(0xff, at, at + imageBytes);
        if (request.wantsIds) message.fill(0xff, idAt, idAt + ID_BYTES);
        continue;
      }
      if (topK === undefined) writeProbabilities(outcome, message, at);
      else writeRanked(outcome, classes, message, at);
      if (request.wantsIds) message.write(outcome.id.replaceAll('-', ''), idAt, 'hex');
    }
    message.write(errors, idsAt + idsBytes);
    return message;
  }
}
