import { randomUUID } from 'node:crypto';
import { FoveaError } from '../../platform/errors.js';
import type { Call } from '../../serving/call.js';
import type { Door } from '../door/door.js';
import type { Access } from '../door/gate.js';
import type { LimitGroup } from '../door/limits.js';
import type { RequestTrace, RequestTracer } from '../door/request-tracer.js';
import { ERROR_STATUS } from '../http/status.js';
import { type DescriptionDeps, modelConfig, modelMetadata, serverMetadata } from '../oip/description.js';
import { type InferDeps, infer } from '../oip/infer.js';
import { rawOf } from '../oip/outputs.js';
import { loadModel, type RepositoryDeps, repositoryIndex, requireReady } from '../oip/repository.js';
import { modelStatistics, type StatisticsDeps } from '../oip/statistics.js';
import { versionOf } from '../oip/version-text.js';
import type { FromThread, GrpcInferRequest, GrpcRequest } from './messages.js';

export interface GrpcCallsOptions extends Door, DescriptionDeps, InferDeps, RepositoryDeps, StatisticsDeps {
  readonly service: DescriptionDeps['service'];
  readonly requestTimeoutMs: number;
}

type Answer = Readonly<Record<string, unknown>>;
type Asked = Extract<FromThread, { kind: 'call' }>;

interface Rule {
  readonly access: Access;
  readonly limit: LimitGroup | undefined;
}

const SERVICE = 'inference.GRPCInferenceService';

const OPEN: Rule = { access: 'open', limit: undefined };
const READ: Rule = { access: 'predict', limit: 'read' };
const ADMIN: Rule = { access: 'admin', limit: undefined };

const RULES: Readonly<Record<GrpcRequest['method'], Rule>> = {
  ServerLive: OPEN,
  ServerReady: OPEN,
  ModelReady: OPEN,
  ServerMetadata: READ,
  ModelMetadata: READ,
  ModelConfig: READ,
  ModelStatistics: READ,
  RepositoryIndex: READ,
  RepositoryModelLoad: ADMIN,
  RepositoryModelUnload: ADMIN,
  ModelInfer: { access: 'predict', limit: 'batch' },
};

/** @source https://opentelemetry.io/docs/specs/semconv/rpc/grpc/ */
export function beginTrace(
  tracer: RequestTracer | undefined,
  { request, trace }: Asked,
): RequestTrace | undefined {
  return tracer?.begin({
    name: `${SERVICE}/${request.method}`,
    attributes: { 'rpc.system': 'grpc', 'rpc.service': SERVICE, 'rpc.method': request.method },
    ...trace,
  });
}

/** Takes each call of one gRPC thread through the door to its answer. */
export class GrpcCalls {
  readonly #options: GrpcCallsOptions;
  /** Calls in flight by id, and whether their client has gone. */
  readonly #inFlight = new Map<number, { isCancelled: boolean }>();

  constructor(options: GrpcCallsOptions) {
    this.#options = options;
  }

  cancel(id: number): void {
    const call = this.#inFlight.get(id);
    if (call !== undefined) call.isCancelled = true;
  }

  /** @throws FoveaError of the door or of the request */
  async answer(asked: Asked, trace: RequestTrace | undefined): Promise<Answer> {
    try {
      const answer = await this.#answer(asked, trace);
      trace?.end({}, false);
      return answer;
    } catch (error) {
      const { code } = FoveaError.from(error);
      trace?.end({ 'error.type': code }, ERROR_STATUS[code].status >= 500);
      throw error;
    }
  }

  async #answer(asked: Asked, trace: RequestTrace | undefined): Promise<Answer> {
    const { gate, limits, admission, state } = this.#options;
    const { request, sender, bytes } = asked;
    const { access, limit } = RULES[request.method];
    const client = gate.admit(access, sender);
    if (request.method === 'ModelInfer') state.admitToModel();
    const permit = admission.enter(client.name);
    const afterwards: (() => void)[] = [];
    const tracked = { isCancelled: false };
    this.#inFlight.set(asked.id, tracked);
    try {
      permit.reserveBytes(bytes);
      if (limit !== undefined) await limits?.take(limit, client.name);
      const timeoutMs = Math.min(this.#options.requestTimeoutMs, asked.timeoutMs ?? Number.POSITIVE_INFINITY);
      const call: Call = {
        id: randomUUID(),
        client,
        trace,
        deadlineMs: performance.now() + timeoutMs,
        isCancelled: () => tracked.isCancelled,
        charge: async (points) => {
          if (limit !== undefined && points > 0) await limits?.charge(limit, client.name, points);
        },
        afterAnswer: (run) => void afterwards.push(run),
      };
      return await this.#run(request, call);
    } finally {
      permit.release();
      this.#inFlight.delete(asked.id);
      for (const run of afterwards) run();
    }
  }

  async #run(request: GrpcRequest, call: Call): Promise<Answer> {
    const { service, models } = this.#options;
    switch (request.method) {
      case 'ServerLive':
        return { live: service.phase !== 'failed' };
      case 'ServerReady':
        return { ready: service.phase === 'ready' };
      case 'ServerMetadata':
        return serverMetadata(service);
      case 'ModelReady':
        return { ready: await this.#isReady(request) };
      case 'ModelMetadata':
        return modelMetadata(this.#options, askedOf(request));
      case 'ModelConfig':
        return { config: await modelConfig(this.#options, askedOf(request)) };
      case 'ModelStatistics':
        return modelStatistics(this.#options, askedOf(request));
      case 'RepositoryIndex':
        return { models: await repositoryIndex(this.#options, request.ready) };
      case 'RepositoryModelLoad':
        await loadModel(this.#options, request.model);
        return {};
      case 'RepositoryModelUnload':
        models.unload(request.model);
        return {};
      case 'ModelInfer':
        return this.#infer(request, call);
    }
  }

  async #isReady(request: { readonly model: string; readonly version: string }): Promise<boolean> {
    try {
      await requireReady(this.#options, { model: request.model, version: versionOf(request.version) });
      return true;
    } catch (error) {
      if (FoveaError.from(error).code === 'model_not_ready') return false;
      throw error;
    }
  }

  async #infer(request: GrpcInferRequest, call: Call): Promise<Answer> {
    const { model, inputs, outputs, timeoutMs } = request;
    const version = versionOf(request.version);
    const answer = await infer(this.#options, { model, version, inputs, outputs, timeoutMs }, call);
    return {
      model_name: answer.model,
      model_version: String(answer.version),
      outputs: answer.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape })),
      raw_output_contents: answer.outputs.map(rawOf),
    };
  }
}

/** An empty name means all models, or the default model. */
function askedOf({ model, version }: { readonly model: string; readonly version: string }) {
  return { model: model === '' ? undefined : model, version: versionOf(version) };
}
