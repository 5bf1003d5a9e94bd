import { z } from 'zod';
import { ERROR_CODES } from '../../platform/errors.js';
import { wireErrorSchema } from '../../platform/wire-error.js';

/** Messages between the main thread and the gRPC thread. Tensors are transferred or copied with them. */

/** `workerData` of the gRPC thread. */
export const grpcSettingsSchema = z.object({
  host: z.string(),
  port: z.int(),
  tlsCert: z.string(),
  tlsKey: z.string(),
  maxMessageBytes: z.int(),
  /** From the first byte of a message to its last. */
  messageTimeoutMs: z.int(),
  /** Calls at once on one connection. */
  maxStreams: z.int(),
  maxConnections: z.int(),
  /** Memory for messages that have arrived in part. */
  maxBufferedBytes: z.int(),
  /** Part of `maxConnections` and `maxBufferedBytes` that one address may take. */
  maxClientSharePercent: z.number(),
  /** Addresses and networks, separated by commas: the share of connections does not hold for them. */
  trustedProxies: z.string(),
});

export type GrpcSettings = z.infer<typeof grpcSettingsSchema>;

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

const sender = z.object({
  peer: z.string(),
  authorization: z.string(),
  apiKey: z.string(),
  forwardedFor: z.string(),
});

const named = z.object({ model: z.string(), version: z.string() });

const inferRequest = z.object({
  method: z.literal('ModelInfer'),
  model: z.string(),
  version: z.string(),
  timeoutMs: z.number().optional(),
  inputs: z.array(
    z.object({
      name: z.string(),
      datatype: z.string(),
      shape: z.array(z.number()),
      data: z.union([bytes, z.array(bytes)]),
    }),
  ),
  outputs: z.array(z.object({ name: z.string(), classes: z.number() })).optional(),
});

/** What a call asks for. */
export const grpcRequestSchema = z.discriminatedUnion('method', [
  inferRequest,
  z.object({ method: z.enum(['ServerLive', 'ServerReady', 'ServerMetadata']) }),
  named.extend({ method: z.enum(['ModelReady', 'ModelMetadata', 'ModelConfig', 'ModelStatistics']) }),
  z.object({ method: z.literal('RepositoryIndex'), ready: z.boolean() }),
  z.object({ method: z.enum(['RepositoryModelLoad', 'RepositoryModelUnload']), model: z.string() }),
]);

export type GrpcRequest = z.infer<typeof grpcRequestSchema>;
export type GrpcInferRequest = z.infer<typeof inferRequest>;

/** From the gRPC thread. */
export const fromThreadSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('listening'), port: z.int() }),
  z.object({ kind: z.literal('failed'), message: z.string() }),
  z.object({
    kind: z.literal('call'),
    id: z.int(),
    sender,
    /** The client's trace; '' for none. */
    trace: z.object({ traceparent: z.string(), tracestate: z.string() }),
    /** Until the client's deadline; undefined for none. */
    timeoutMs: z.number().optional(),
    /** Of the message. */
    bytes: z.int(),
    request: grpcRequestSchema,
  }),
  /** The client has gone. */
  z.object({ kind: z.literal('cancel'), id: z.int() }),
  /** The thread refused a call by itself, because its message was wrong. */
  z.object({ kind: z.literal('refused'), method: z.string(), code: z.enum(ERROR_CODES) }),
]);

export type FromThread = z.infer<typeof fromThreadSchema>;

/** To the gRPC thread. */
export const toThreadSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answer'), id: z.int(), answer: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal('error'), id: z.int(), error: wireErrorSchema }),
  /** For the health service. */
  z.object({ kind: z.literal('health'), isServing: z.boolean() }),
  z.object({ kind: z.literal('close') }),
]);

export type ToThread = z.infer<typeof toThreadSchema>;
