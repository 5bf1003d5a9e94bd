import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import { parseJsonText } from '../../../platform/json-text.js';
import { predictQuerySchema } from '../../http/api/predict-query.js';
import { answerText } from '../../http/api/prediction-answer.js';
import { describeIssues } from '../../http/query.js';
import { ANSWER_STATUS, type Answered, type Codec, type Failed, type Hello } from './codec.js';
import { errorBody } from './error-body.js';
import {
  type ClientMessage,
  CONNECTION_ID,
  MAX_ID,
  malformed,
  type StreamImages,
  type StreamRequest,
} from './stream-request.js';

export const JSON_PROTOCOL = 'fovea.json.v1';

const id = z.int().min(1).max(MAX_ID);

const requestSchema = predictQuerySchema
  .extend({
    type: z.literal('predict'),
    id,
    /** Base64 of an image file. */
    image: z.string().min(1).optional(),
    /** Content of the binary frame that follows. */
    binary: z.enum(['image', 'pixels']).optional(),
    /** Images in the binary frame. */
    images: z.int().min(1).max(MAX_ID).default(1),
    deadline_ms: z.int().min(1).max(MAX_ID).optional(),
    video: z.int().min(0).max(MAX_ID).default(0),
    droppable: z.boolean().default(false),
    smoothing: z.int().min(1).max(255).default(1),
  })
  .strict();

const authenticateSchema = z.strictObject({
  type: z.literal('authenticate'),
  id: id.optional(),
  key: z.string().min(1),
});

const messageSchema = z.discriminatedUnion('type', [requestSchema, authenticateSchema]);

type RequestHead = z.infer<typeof requestSchema>;

/** The id of a message that is otherwise wrong. */
const idOnlySchema = z.looseObject({ id });

function idOf(value: unknown): number {
  const parsed = idOnlySchema.safeParse(value);
  return parsed.success ? parsed.data.id : CONNECTION_ID;
}

function toRequest(head: RequestHead, images: StreamImages): StreamRequest {
  return {
    id: head.id,
    images,
    model: head.model,
    version: head.version,
    topK: head.top_k,
    minConfidence: head.min_confidence,
    deadlineMs: head.deadline_ms,
    video: head.video,
    isDroppable: head.droppable,
    smoothing: head.smoothing,
    wantsIds: true,
  };
}

function parseMessage(message: Uint8Array): unknown {
  try {
    return parseJsonText(Buffer.from(message.buffer, message.byteOffset, message.length).toString());
  } catch {
    return undefined;
  }
}

export interface JsonCodecOptions {
  readonly maxListedClasses: number;
}

/** Text frames of JSON; an image may follow in a binary frame. */
export class JsonCodec implements Codec {
  readonly #options: JsonCodecOptions;
  /** A request whose binary frame has not come yet. */
  #awaited: RequestHead | undefined;

  constructor(options: JsonCodecOptions) {
    this.#options = options;
  }

  read(message: Uint8Array, isBinary: boolean): ClientMessage | undefined {
    const awaited = this.#awaited;
    this.#awaited = undefined;
    if (isBinary) return this.#readImage(message, awaited);
    if (awaited !== undefined)
      return malformed(awaited.id, 'A binary frame must follow this request, but a text frame came.');
    const value = parseMessage(message);
    if (value === undefined) return malformed(CONNECTION_ID, 'The frame is not valid JSON.');
    const parsed = messageSchema.safeParse(value);
    if (!parsed.success) {
      const details = { problems: describeIssues(parsed.error) };
      const error = new FoveaError('bad_request', `The message is not valid: ${details.problems[0]}`, {
        details,
      });
      return { kind: 'malformed', id: idOf(value), error };
    }
    if (parsed.data.type === 'authenticate')
      return { kind: 'authenticate', id: parsed.data.id ?? CONNECTION_ID, key: parsed.data.key };
    return this.#readRequest(parsed.data);
  }

  hello(hello: Hello): string {
    return JSON.stringify({ type: 'hello', ...hello });
  }

  error({ id, requestId, error }: Failed): string {
    return JSON.stringify({ type: 'error', id, ...errorBody({ requestId, error }) });
  }

  answer({ request, requestId, outcomes, minConfidence }: Answered): string {
    const listing = { maxListedClasses: this.#options.maxListedClasses, minConfidence };
    const isWhole = !outcomes.some((outcome) => outcome instanceof FoveaError);
    const status = isWhole ? ANSWER_STATUS.whole : ANSWER_STATUS.partial;
    const predictions = outcomes.map((outcome) =>
      outcome instanceof FoveaError
        ? JSON.stringify(errorBody({ requestId, error: outcome }))
        : answerText(outcome, { id: requestId, fileName: null }, listing),
    );
    return `{"type":"answer","id":${request.id},"status":${status},"predictions":[${predictions.join(',')}]}`;
  }

  #readRequest(head: RequestHead): ClientMessage | undefined {
    const { image, binary, images } = head;
    if ((image === undefined) === (binary === undefined))
      return malformed(head.id, 'A request has either `image` or `binary`.');
    if (binary !== 'pixels' && images !== 1) return malformed(head.id, 'A request has one image file.');
    if (image === undefined) {
      this.#awaited = head;
      return undefined;
    }
    const bytes = Buffer.from(image, 'base64');
    return { kind: 'predict', request: toRequest(head, { kind: 'encoded', bytes }) };
  }

  #readImage(bytes: Uint8Array, head: RequestHead | undefined): ClientMessage {
    if (head === undefined) return malformed(CONNECTION_ID, 'A binary frame must follow a request.');
    const images: StreamImages =
      head.binary === 'pixels' ? { kind: 'pixels', bytes, count: head.images } : { kind: 'encoded', bytes };
    return { kind: 'predict', request: toRequest(head, images) };
  }
}
