/* The frames of `fovea.bin.v1`, as docs/stream-protocol.md specifies them. All numbers are little-endian. */
import { errorOf, type FoveaError } from './errors.js';

export const PROTOCOL = 'fovea.bin.v1';

const REQUEST_HEADER_BYTES = 32;
const ANSWER_HEADER_BYTES = 24;
const REQUEST_TYPE = { predict: 1, authenticate: 2 };
const ANSWER_TYPE = { answer: 1, hello: 2, error: 3 };
const FORMAT = { file: 0, pixels: 1 };
const FLAG = { droppable: 1, ids: 2 };
const TOP_K_LAYOUT = 1;
const ID_BYTES = 16;

export interface RequestOptions {
  /** Default: the stream's. */
  readonly model?: string | undefined;
  readonly version?: number | undefined;
  /** Likeliest classes to answer; undefined: the probabilities of all. */
  readonly topK?: number | undefined;
  /** Milliseconds; the server's own limit holds too. */
  readonly deadlineMs?: number | undefined;
  /** Number of the video that the image is from. */
  readonly video?: number | undefined;
  /** Lets a newer frame of the video take its place; it then fails with `superseded`. */
  readonly isDroppable?: boolean | undefined;
  /** Answers of the video to average. */
  readonly smoothing?: number | undefined;
  /** Asks for the ids under which the history keeps the predictions. */
  readonly wantsIds?: boolean | undefined;
}

export interface Frame extends RequestOptions {
  readonly id: number;
  /** `file`: one image file. `pixels`: uint8 `[images, height, width, channels]`. */
  readonly format: 'file' | 'pixels';
  readonly images: number;
  readonly bytes: Uint8Array;
}

/** What the server says at the start. */
export interface Hello {
  /** Requests that may be in flight. */
  readonly window: number;
  readonly max_message_bytes: number;
  readonly max_images: number;
  /** Null while it is not loaded. */
  readonly model: {
    readonly name: string;
    readonly version: number;
    readonly labels: readonly string[];
    /** Only of a model of several labels: probability from which each label counts. */
    readonly thresholds?: readonly number[];
    readonly input: { readonly height: number; readonly width: number; readonly channels: number };
  } | null;
}

export interface RankedClass {
  readonly classIndex: number;
  /** 0..1 */
  readonly confidence: number;
}

/** The answer for one image: `probabilities` of all classes, or `ranked`, the likeliest, where `topK` was asked for. */
export interface ImageAnswer {
  readonly probabilities?: Float32Array;
  readonly ranked?: readonly RankedClass[];
  /** Where `wantsIds` was asked for. */
  readonly predictionId?: string;
}

export type ServerFrame =
  | { readonly kind: 'hello'; readonly hello: Hello }
  | { readonly kind: 'error'; readonly id: number; readonly error: FoveaError }
  | {
      readonly kind: 'answer';
      readonly id: number;
      /** Of the model that answered. */
      readonly version: number;
      /** In the order of the images; an error for an image that failed alone. */
      readonly images: readonly (ImageAnswer | FoveaError)[];
    };

export function encodeRequest(frame: Frame): Uint8Array<ArrayBuffer> {
  const { id, format, images, bytes, model = '', version, topK, deadlineMs, video, smoothing } = frame;
  const name = new TextEncoder().encode(model);
  const message = new Uint8Array(REQUEST_HEADER_BYTES + name.length + bytes.length);
  const view = new DataView(message.buffer);
  view.setUint8(0, REQUEST_TYPE.predict);
  view.setUint8(1, FORMAT[format]);
  view.setUint16(2, (frame.isDroppable ? FLAG.droppable : 0) | (frame.wantsIds ? FLAG.ids : 0), true);
  view.setUint32(4, id, true);
  view.setUint32(8, images, true);
  view.setUint32(12, video ?? 0, true);
  view.setUint16(16, topK ?? 0, true);
  view.setUint16(18, name.length, true);
  view.setUint32(20, version ?? 0, true);
  view.setUint32(24, deadlineMs ?? 0, true);
  view.setUint8(28, smoothing ?? 0);
  message.set(name, REQUEST_HEADER_BYTES);
  message.set(bytes, REQUEST_HEADER_BYTES + name.length);
  return message;
}

export function encodeAuthentication(key: string): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(key);
  const message = new Uint8Array(REQUEST_HEADER_BYTES + text.length);
  message[0] = REQUEST_TYPE.authenticate;
  message.set(text, REQUEST_HEADER_BYTES);
  return message;
}

function jsonAt(message: ArrayBuffer, offset: number): unknown {
  return JSON.parse(new TextDecoder().decode(new Uint8Array(message, offset)));
}

function isHello(value: unknown): value is Hello {
  return typeof value === 'object' && value !== null && 'window' in value && 'model' in value;
}

interface ImageError {
  readonly index: number;
  readonly status: number;
}

function isImageError(value: unknown): value is ImageError {
  if (typeof value !== 'object' || value === null || !('index' in value) || !('status' in value))
    return false;
  return typeof value.index === 'number' && typeof value.status === 'number';
}

function isErrorList(value: unknown): value is readonly ImageError[] {
  return Array.isArray(value) && value.every(isImageError);
}

/** UUID from its 16 bytes. */
function idAt(message: ArrayBuffer, offset: number): string {
  const hex = [...new Uint8Array(message, offset, ID_BYTES)].map((byte) =>
    byte.toString(16).padStart(2, '0'),
  );
  const part = (from: number, to: number): string => hex.slice(from, to).join('');
  return [part(0, 4), part(4, 6), part(6, 8), part(8, 10), part(10, 16)].join('-');
}

function rankedAt(view: DataView, offset: number, classes: number): RankedClass[] {
  return Array.from({ length: classes }, (_, place) => ({
    classIndex: view.getUint32(offset + place * 8, true),
    confidence: view.getFloat32(offset + place * 8 + 4, true),
  }));
}

function probabilitiesAt(view: DataView, offset: number, classes: number): Float32Array {
  return Float32Array.from({ length: classes }, (_, index) => view.getFloat32(offset + index * 4, true));
}

function decodeAnswer(message: ArrayBuffer, view: DataView): ServerFrame {
  const isRanked = view.getUint8(1) === TOP_K_LAYOUT;
  const count = view.getUint32(8, true);
  const classes = view.getUint32(12, true);
  const hasIds = (view.getUint16(20, true) & FLAG.ids) !== 0;
  const imageBytes = classes * (isRanked ? 8 : 4);
  const idsAt = ANSWER_HEADER_BYTES + count * imageBytes;
  const errorsAt = idsAt + (hasIds ? count * ID_BYTES : 0);
  const images: (ImageAnswer | FoveaError)[] = Array.from({ length: count }, (_, place) => {
    const offset = ANSWER_HEADER_BYTES + place * imageBytes;
    return {
      ...(isRanked
        ? { ranked: rankedAt(view, offset, classes) }
        : { probabilities: probabilitiesAt(view, offset, classes) }),
      ...(hasIds && { predictionId: idAt(message, idsAt + place * ID_BYTES) }),
    };
  });
  const errors = errorsAt < message.byteLength ? jsonAt(message, errorsAt) : [];
  if (!isErrorList(errors)) throw new TypeError('The errors of an answer are malformed.');
  for (const error of errors) images[error.index] = errorOf(error.status, error);
  return { kind: 'answer', id: view.getUint32(4, true), version: view.getUint32(16, true), images };
}

/** @throws Error for a frame that is not of this protocol */
export function decodeServerFrame(message: ArrayBuffer): ServerFrame {
  const view = new DataView(message);
  const type = view.getUint8(0);
  if (type === ANSWER_TYPE.answer) return decodeAnswer(message, view);
  const body = jsonAt(message, ANSWER_HEADER_BYTES);
  if (type === ANSWER_TYPE.error) {
    return { kind: 'error', id: view.getUint32(4, true), error: errorOf(view.getUint16(2, true), body) };
  }
  if (type === ANSWER_TYPE.hello && isHello(body)) return { kind: 'hello', hello: body };
  throw new TypeError(`A frame of type ${type} is not of ${PROTOCOL}.`);
}
