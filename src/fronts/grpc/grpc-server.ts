import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { MessagePort } from 'node:worker_threads';
import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type StatusObject,
} from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { HealthImplementation } from 'grpc-health-check';
import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import { refused } from '../oip/images.js';
import { CallTable, type Sent } from './call-table.js';
import { grpcStatusOf } from './grpc-status.js';
import { readInferMessage } from './infer-message.js';
import type { GrpcRequest, GrpcSettings } from './messages.js';
import { hasFewFields } from './wire-elements.js';

/** Seen from the compiled file, `dist/src/fronts/grpc/grpc-server.js`. */
const PROTO = fileURLToPath(new URL('../../../../proto/open_inference.proto', import.meta.url));
const SERVICE = 'inference.GRPCInferenceService';

/** Fields of a request whose own fields count: inputs, their contents, outputs, parameters. */
const NESTED = new Set([4, 5, 6]);
const MAX_FIELDS = 65_536;
/** Requests of one stream in flight; further ones wait in the connection. */
const MAX_STREAM_REQUESTS = 32;

const named = z.looseObject({ name: z.string(), version: z.string() });
const ofRepository = z.looseObject({ model_name: z.string(), parameters: z.record(z.string(), z.unknown()) });

/** Stands for a message that the protobuf library did not get. */
class Unread {}

type Read = (message: unknown) => GrpcRequest;

const nothing =
  (method: 'ServerLive' | 'ServerReady' | 'ServerMetadata'): Read =>
  () => ({ method });

function ofModel(method: 'ModelReady' | 'ModelMetadata' | 'ModelConfig' | 'ModelStatistics'): Read {
  return (message) => {
    const { name: model, version } = named.parse(message);
    return { method, model, version };
  };
}

function ofEntry(method: 'RepositoryModelLoad' | 'RepositoryModelUnload'): Read {
  return (message) => {
    const { model_name: model, parameters } = ofRepository.parse(message);
    if (Object.keys(parameters).some((name) => name === 'config' || name.startsWith('file:')))
      throw new FoveaError(
        'not_implemented',
        'A model is loaded as it lies in the repository: config and file: are not taken.',
      );
    return { method, model };
  };
}

/** How each unary method but ModelInfer reads its message. */
const READERS: Readonly<Record<string, Read>> = {
  ServerLive: nothing('ServerLive'),
  ServerReady: nothing('ServerReady'),
  ServerMetadata: nothing('ServerMetadata'),
  ModelReady: ofModel('ModelReady'),
  ModelMetadata: ofModel('ModelMetadata'),
  ModelConfig: ofModel('ModelConfig'),
  ModelStatistics: ofModel('ModelStatistics'),
  RepositoryIndex: (message) => ({
    method: 'RepositoryIndex',
    ready: z.looseObject({ ready: z.boolean() }).parse(message).ready,
  }),
  RepositoryModelLoad: ofEntry('RepositoryModelLoad'),
  RepositoryModelUnload: ofEntry('RepositoryModelUnload'),
};

function statusOf(thrown: unknown): Partial<StatusObject> {
  const { code, message } = FoveaError.from(thrown);
  const metadata = new Metadata();
  metadata.set('fovea-code', code);
  return { code: grpcStatusOf(code), details: message, metadata };
}

/** @throws FoveaError `bad_request` */
function readInfer(message: unknown): ReturnType<typeof readInferMessage> {
  if (message instanceof Unread)
    throw refused(`The message is malformed, or has more than ${MAX_FIELDS} fields and elements.`);
  return readInferMessage(message);
}

/** Refuses messages of too many fields before the protobuf library reads them. */
function guarded(definition: PackageDefinition): ServiceDefinition {
  const { [SERVICE]: service = {} } = definition;
  if ('format' in service) throw new Error(`${PROTO} has no service. This is a bug.`);
  const methods = Object.entries(service).map(([name, method]) => {
    if (name !== 'ModelInfer' && name !== 'ModelStreamInfer') return [name, method] as const;
    const requestDeserialize = (bytes: Buffer): object =>
      hasFewFields(bytes, NESTED, MAX_FIELDS) ? method.requestDeserialize(bytes) : new Unread();
    return [name, { ...method, requestDeserialize }] as const;
  });
  return Object.fromEntries(methods);
}

/** The gRPC server inside its thread. Each call becomes a message to the main thread. */
export class GrpcServer {
  readonly #settings: GrpcSettings;
  readonly #calls: CallTable;
  readonly #health = new HealthImplementation({ '': 'NOT_SERVING', [SERVICE]: 'NOT_SERVING' });
  readonly #server: Server;

  constructor(settings: GrpcSettings, port: MessagePort) {
    this.#settings = settings;
    this.#calls = new CallTable(port);
    this.#server = new Server({
      'grpc.max_receive_message_length': settings.maxMessageBytes,
      'grpc.max_send_message_length': -1,
      'grpc.max_concurrent_streams': settings.maxStreams,
    });
    const definition = loadSync(PROTO, { keepCase: true, longs: Number, enums: String, defaults: true });
    const unary = Object.entries(READERS).map(([name, read]) => [name, this.#unary(read)] as const);
    this.#server.addService(guarded(definition), {
      ...Object.fromEntries(unary),
      ModelInfer: this.#infer,
      ModelStreamInfer: this.#stream,
    });
    this.#health.addToServer(this.#server);
    new ReflectionService(definition).addToServer(this.#server);
  }

  /** @returns the port */
  listen(): Promise<number> {
    const { host, port } = this.#settings;
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, this.#credentials(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
  }

  setHealth(isServing: boolean): void {
    for (const service of ['', SERVICE])
      this.#health.setStatus(service, isServing ? 'SERVING' : 'NOT_SERVING');
  }

  settle(message: Parameters<CallTable['settle']>[0]): void {
    this.#calls.settle(message);
  }

  close(): void {
    this.#server.forceShutdown();
  }

  #credentials(): ServerCredentials {
    const { tlsCert, tlsKey } = this.#settings;
    if (tlsCert === '') return ServerCredentials.createInsecure();
    const pair = { cert_chain: readFileSync(tlsCert), private_key: readFileSync(tlsKey) };
    return ServerCredentials.createSsl(null, [pair]);
  }

  #unary(read: Read): handleUnaryCall<object, object> {
    return (call, callback) => {
      const sent = (): Sent => ({ request: read(call.request), call, bytes: 0 });
      this.#calls.send(sent).then(
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
    this.#calls.send(sent).then(
      (answer) => callback(null, { ...answer, id }),
      (error: unknown) => callback(statusOf(error)),
    );
  };

  /** Answers come as they finish; each has the id of its request. */
  readonly #stream: handleBidiStreamingCall<object, object> = (call) => {
    let inFlight = 0;
    let hasEnded = false;
    const finish = (): void => {
      if (hasEnded && inFlight === 0) call.end();
    };
    const settle = (answer: object): void => {
      call.write(answer);
      inFlight -= 1;
      call.resume();
      finish();
    };
    call.on('data', (message: unknown) => {
      let id = '';
      inFlight += 1;
      if (inFlight >= MAX_STREAM_REQUESTS) call.pause();
      const sent = (): Sent => {
        const read = readInfer(message);
        id = read.id;
        return { request: read.request, call, bytes: sizeOf(read.request) };
      };
      this.#calls.send(sent).then(
        (answer) => settle({ infer_response: { ...answer, id } }),
        (error: unknown) => settle({ error_message: FoveaError.from(error).message, infer_response: { id } }),
      );
    });
    call.on('end', () => {
      hasEnded = true;
      finish();
    });
    call.on('error', () => undefined);
  };
}

function sizeOf({ inputs }: Extract<GrpcRequest, { method: 'ModelInfer' }>): number {
  return inputs.flatMap(({ data }) => data).reduce((sum, { length }) => sum + length, 0);
}
