import type { MessagePort } from 'node:worker_threads';
import type { Metadata, ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js';
import { FoveaError } from '../../platform/errors.js';
import type { FromThread, GrpcRequest, ToThread } from './messages.js';

type GrpcCall = Pick<
  ServerUnaryCall<object, object> | ServerDuplexStream<object, object>,
  'metadata' | 'getPeer' | 'getDeadline' | 'on' | 'off'
>;

/** A request on its way to the main thread. */
export interface Sent {
  readonly request: GrpcRequest;
  readonly call: GrpcCall;
  readonly bytes: number;
}

interface Waiting {
  readonly resolve: (answer: object) => void;
  readonly reject: (error: FoveaError) => void;
}

function headerOf(metadata: Metadata, name: string): string {
  return metadata.get(name).map(String).join(', ');
}

/** Without the port. */
function addressOf(peer: string): string {
  return peer.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

/** Milliseconds until the deadline; undefined for none. */
function timeLeft(call: GrpcCall): number | undefined {
  const deadline = Number(call.getDeadline());
  return Number.isFinite(deadline) ? Math.max(0, deadline - Date.now()) : undefined;
}

/** The memory of raw tensors that can move to the main thread without a copy. Small messages lie in memory that Node shares
 * among buffers, which is copied. */
function movable(request: GrpcRequest): ArrayBuffer[] {
  if (request.method !== 'ModelInfer') return [];
  const buffers = request.inputs.flatMap(({ data }) => data).map(({ buffer }) => buffer);
  const own = buffers.filter(
    (buffer) => buffer instanceof ArrayBuffer && buffer.byteLength > Buffer.poolSize,
  );
  return [...new Set(own)].filter((buffer) => buffer instanceof ArrayBuffer);
}

/** The calls of the gRPC thread that wait for the main thread. */
export class CallTable {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;

  constructor(port: MessagePort) {
    this.#port = port;
  }

  /** @param read makes the request; its error is the answer
   * @throws FoveaError (as rejection) */
  async send(read: () => Sent, method: string): Promise<object> {
    const { request, call, bytes } = this.#read(read, method);
    const id = this.#nextId++;
    const { metadata } = call;
    const message: FromThread = {
      kind: 'call',
      id,
      sender: {
        peer: addressOf(call.getPeer()),
        authorization: headerOf(metadata, 'authorization'),
        apiKey: headerOf(metadata, 'x-api-key'),
        forwardedFor: headerOf(metadata, 'x-forwarded-for'),
      },
      trace: {
        traceparent: headerOf(metadata, 'traceparent'),
        tracestate: headerOf(metadata, 'tracestate'),
      },
      timeoutMs: timeLeft(call),
      bytes,
      request,
    };
    const onCancelled = (): void => this.#port.postMessage({ kind: 'cancel', id } satisfies FromThread);
    call.on('cancelled', onCancelled);
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        this.#port.postMessage(message, movable(request));
      });
    } finally {
      call.off('cancelled', onCancelled);
    }
  }

  #read(read: () => Sent, method: string): Sent {
    try {
      return read();
    } catch (thrown) {
      const error = FoveaError.from(thrown);
      this.#port.postMessage({ kind: 'refused', method, code: error.code } satisfies FromThread);
      throw error;
    }
  }

  settle(message: Extract<ToThread, { kind: 'answer' | 'error' }>): void {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'answer') waiting?.resolve(message.answer);
    else waiting?.reject(FoveaError.fromWire(message.error));
  }
}
