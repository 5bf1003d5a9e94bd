import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type StatusObject,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as HEALTH_PROTO, HealthImplementation } from 'grpc-health-check';
import { FoveaError } from '../../platform/errors.js';
import { Admission } from '../door/admission.js';
import { parseNetworks } from '../door/client.js';
import { OpenConnections } from '../door/open-connections.js';
import { CallTable, type Sent } from './call-table.js';
import { grpcStatusOf } from './grpc-status.js';
import { guardedService, requireRead } from './guarded-service.js';
import { watchHttp2Streams } from './http2-servers.js';
import { IncompleteMessages } from './incomplete-messages.js';
import { readInferMessage } from './infer-message.js';
import { Listener } from './listener.js';
import { withMapEntryNames } from './map-entry-names.js';
import type { GrpcRequest, GrpcSettings } from './messages.js';
import { READERS } from './read-request.js';

/** Seen from the compiled file, `dist/src/fronts/grpc/grpc-server.js`. */
const PROTO = fileURLToPath(new URL('../../../../proto/open_inference.proto', import.meta.url));
const PROTO_OPTIONS = { keepCase: true, longs: Number, enums: String, defaults: true };
const SERVICE = 'inference.GRPCInferenceService';

/** Requests of one stream whose answer the client has not taken; further ones wait in the connection. */
const MAX_STREAM_REQUESTS = 32;
const TICK_MS = 1000;

function statusOf(thrown: unknown): Partial<StatusObject> {
  const { code, message } = FoveaError.from(thrown);
  const metadata = new Metadata();
  metadata.set('fovea-code', code);
  return { code: grpcStatusOf(code), details: message, metadata };
}

/** @throws FoveaError `bad_request`, `not_implemented` */
function readInfer(message: unknown): ReturnType<typeof readInferMessage> {
  return readInferMessage(requireRead(message));
}

/** The gRPC server inside its thread. Each call becomes a message to the main thread. */
export class GrpcServer {
  readonly #settings: GrpcSettings;
  readonly #calls: CallTable;
  readonly #health = new HealthImplementation({ '': 'NOT_SERVING', [SERVICE]: 'NOT_SERVING' });
  readonly #server: Server;
  readonly #incomplete: IncompleteMessages;
  #listener: Listener | undefined;
  #ticking: NodeJS.Timeout | undefined;

  constructor(settings: GrpcSettings, port: MessagePort) {
    this.#settings = settings;
    this.#calls = new CallTable(port);
    this.#incomplete = new IncompleteMessages({
      admission: new Admission({ ...settings, maxRequestsInFlight: Number.MAX_SAFE_INTEGER }),
      timeoutMs: settings.messageTimeoutMs,
    });
    watchHttp2Streams((stream) => this.#incomplete.watch(stream));
    this.#server = new Server({
      'grpc.max_receive_message_length': settings.maxMessageBytes,
      'grpc.max_send_message_length': -1,
      'grpc.max_concurrent_streams': settings.maxStreams,
    });
    const definition = loadSync(PROTO, PROTO_OPTIONS);
    const unary = Object.entries(READERS).map(([name, read]) => [name, this.#unary(name, read)] as const);
    this.#server.addService(guardedService(definition, SERVICE), {
      ...Object.fromEntries(unary),
      ModelInfer: this.#infer,
      ModelStreamInfer: this.#stream,
    });
    this.#health.addToServer(this.#server);
    const described = { ...definition, ...loadSync(HEALTH_PROTO, PROTO_OPTIONS) };
    new ReflectionService(withMapEntryNames(described)).addToServer(this.#server);
  }

  /** @returns the port
   * @throws the system's error, as when the port is in use */
  listen(): Promise<number> {
    const { trustedProxies, ...limits } = this.#settings;
    const injector = this.#server.createConnectionInjector(this.#credentials());
    this.#listener = new Listener({
      ...limits,
      connections: new OpenConnections({ ...limits, trustedProxies: parseNetworks(trustedProxies) }),
      accept: (socket) => injector.injectConnection(socket),
    });
    this.#ticking = setInterval(() => this.#incomplete.endLate(performance.now()), TICK_MS).unref();
    return this.#listener.listen();
  }

  setHealth(isServing: boolean): void {
    for (const service of ['', SERVICE])
      this.#health.setStatus(service, isServing ? 'SERVING' : 'NOT_SERVING');
  }

  settle(message: Parameters<CallTable['settle']>[0]): void {
    this.#calls.settle(message);
  }

  close(): void {
    clearInterval(this.#ticking);
    this.#server.forceShutdown();
    this.#listener?.close();
  }

  #credentials(): ServerCredentials {
    const { tlsCert, tlsKey } = this.#settings;
    if (tlsCert === '') return ServerCredentials.createInsecure();
    const pair = { cert_chain: readFileSync(tlsCert), private_key: readFileSync(tlsKey) };
    return ServerCredentials.createSsl(null, [pair]);
  }

  #unary(method: string, read: (message: unknown) => GrpcRequest): handleUnaryCall<object, object> {
    return (call, callback) => {
      const sent = (): Sent => ({ request: read(requireRead(call.request)), call, bytes: 0 });
      this.#calls.send(sent, method).then(
        (answer) => callback(null, answer),
        (error: unknown) => callback(statusOf(error)),
      );
    };
  }

  readonly #infer: handleUnaryCall<object, object> = (call, callback) => {
    let id = '';
    const sent = (): Sent => {
      const read = readInfer(call.request);
      id = read.id;
      return { request: read.request, call, bytes: sizeOf(read.request) };
    };
    this.#calls.send(sent, 'ModelInfer').then(
      (answer) => callback(null, { ...answer, id }),
      (error: unknown) => callback(statusOf(error)),
    );
  };

  /** Answers come as they finish; each has the id of its request. */
  readonly #stream: handleBidiStreamingCall<object, object> = (call) => {
    let inFlight = 0;
    let hasEnded = false;
    const taken = (): void => {
      inFlight -= 1;
      if (hasEnded && inFlight === 0) call.end();
      else call.resume();
    };
    // A request counts until the connection has taken its answer, so that a client that does not read cannot fill the memory.
    const settle = (answer: object): void => void call.write(answer, taken);
    // Each request in flight listens for the end of the call.
    call.setMaxListeners(2 * MAX_STREAM_REQUESTS);
    call.on('data', (message: unknown) => {
      let id = '';
      inFlight += 1;
      if (inFlight >= MAX_STREAM_REQUESTS) call.pause();
      const sent = (): Sent => {
        const read = readInfer(message);
        id = read.id;
        return { request: read.request, call, bytes: sizeOf(read.request) };
      };
      this.#calls.send(sent, 'ModelInfer').then(
        (answer) => settle({ infer_response: { ...answer, id } }),
        (error: unknown) => settle({ error_message: FoveaError.from(error).message, infer_response: { id } }),
      );
    });
    call.on('end', () => {
      hasEnded = true;
      if (inFlight === 0) call.end();
    });
    call.on('error', () => undefined);
  };
}

function sizeOf({ inputs }: Extract<GrpcRequest, { method: 'ModelInfer' }>): number {
  return inputs.flatMap(({ data }) => data).reduce((sum, { length }) => sum + length, 0);
}
