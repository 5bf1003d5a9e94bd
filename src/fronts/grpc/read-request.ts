import { z } from 'zod';
import { FoveaError } from '../../platform/errors.js';
import type { GrpcRequest } from './messages.js';

const named = z.looseObject({ name: z.string(), version: z.string() });
const ofRepository = z.looseObject({ model_name: z.string(), parameters: z.record(z.string(), z.unknown()) });

/** @throws FoveaError `not_implemented` */
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
export const READERS: Readonly<Record<string, Read>> = {
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
