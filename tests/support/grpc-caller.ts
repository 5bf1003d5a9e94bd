import { createRequire } from 'node:module';
import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import type { Test } from 'tap';

export const SERVICE = 'inference.GRPCInferenceService';
export const HEALTH = 'grpc.health.v1.Health';
export const REFLECTION = 'grpc.reflection.v1.ServerReflection';

const OPTIONS = { keepCase: true, longs: Number, enums: String, defaults: true };
const ofPackage = (path: string): PackageDefinition =>
  loadSync(createRequire(import.meta.url).resolve(path), OPTIONS);
const DEFINITION: PackageDefinition = {
  ...loadSync('proto/open_inference.proto', OPTIONS),
  ...ofPackage('grpc-health-check/proto/health/v1/health.proto'),
  ...ofPackage('@grpc/reflection/build/proto/grpc/reflection/v1/reflection.proto'),
};

function methodOf(service: string, name: string) {
  const definition = DEFINITION[service];
  if (definition === undefined || 'format' in definition) throw new Error(`There is no service ${service}.`);
  const method = definition[name];
  if (method === undefined) throw new Error(`The service ${service} has no method ${name}.`);
  return method;
}

/** A request as protobuf. */
export function encoded(name: string, request: object): Buffer {
  return methodOf(SERVICE, name).requestSerialize(request);
}

export interface CallerOptions {
  /** Of every call. */
  readonly metadata?: Readonly<Record<string, string>>;
  readonly key?: string;
  readonly channel?: ChannelCredentials;
}

/** A client of gRPC. A `Buffer` in place of a request is sent as it is. */
export class GrpcCaller {
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor(
    t: Test,
    port: number,
    { key, metadata = {}, channel = credentials.createInsecure() }: CallerOptions = {},
  ) {
    this.#client = new Client(`localhost:${port}`, channel);
    t.teardown(() => this.#client.close());
    for (const [name, value] of Object.entries(metadata)) this.#metadata.set(name, value);
    if (key !== undefined) this.#metadata.set('authorization', `Bearer ${key}`);
  }

  /** @throws ServiceError (as rejection) */
  call(name: string, request: object, service = SERVICE): Promise<object> {
    const { path, requestSerialize, responseDeserialize } = methodOf(service, name);
    const serialize = (value: object): Buffer => (Buffer.isBuffer(value) ? value : requestSerialize(value));
    return new Promise((resolve, reject) => {
      const onAnswer = (error: ServiceError | null, answer?: object): void => {
        if (error === null && answer !== undefined) resolve(answer);
        else reject(error);
      };
      this.#client.makeUnaryRequest(path, serialize, responseDeserialize, request, this.#metadata, onAnswer);
    });
  }

  /** Sends all requests of one stream. @returns the answers */
  stream(name: string, requests: readonly object[], service = SERVICE): Promise<object[]> {
    const { path, requestSerialize, responseDeserialize } = methodOf(service, name);
    const call = this.#client.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      this.#metadata,
    );
    const answers: object[] = [];
    return new Promise((resolve, reject) => {
      call.on('data', (answer: object) => answers.push(answer));
      call.on('error', reject);
      call.on('end', () => resolve(answers));
      for (const request of requests) call.write(request);
      call.end();
    });
  }
}
