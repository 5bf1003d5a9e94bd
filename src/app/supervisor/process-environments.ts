import { join, resolve } from 'node:path';
import type { Config } from '../config/schema.js';

export interface Machine {
  /** Indexes or UUIDs of its GPUs, as `CUDA_VISIBLE_DEVICES` lists them; empty when they are unknown. */
  readonly gpus: readonly string[];
}

/** Folder of the state of one process. @param number from 1 */
export function stateDirOf({ storage }: Config, number: number): string {
  return join(resolve(storage.stateDir), 'processes', String(number));
}

/** The environment of each server that the supervisor starts. Several servers share FOVEA_PORT; each has the ports after it, a
 * state directory, a part of the cores, and one of the GPUs for itself. */
export function processEnvironments(
  config: Config,
  env: Readonly<NodeJS.ProcessEnv>,
  { gpus }: Machine,
): NodeJS.ProcessEnv[] {
  const { supervision, http, inference } = config;
  const { processes } = supervision;
  if (processes === 1) return [{ ...env, FOVEA_PROCESSES: '0' }];
  return Array.from({ length: processes }, (_, index) => {
    const number = index + 1;
    const gpu = inference.device === 'cpu' ? undefined : gpus[index % gpus.length];
    return {
      ...env,
      FOVEA_PROCESSES: '0',
      FOVEA_SHARED_PORT: String(http.port),
      FOVEA_PORT: String(http.port + number),
      ...(Number(http.grpcPort) > 0 && { FOVEA_GRPC_PORT: String(Number(http.grpcPort) + index) }),
      FOVEA_STATE_DIR: stateDirOf(config, number),
      FOVEA_CORES: String(Math.max(1, Math.floor(inference.cores / processes))),
      ...(gpu !== undefined && { CUDA_VISIBLE_DEVICES: gpu }),
    };
  });
}
