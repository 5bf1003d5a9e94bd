import { FoveaError } from '../../platform/errors.js';

/** @returns the error of a provider whose engine cannot run here; `message` is the reason that operators read */
export function unavailable(message: string, cause?: unknown): FoveaError {
  return new FoveaError('engine_unavailable', message, { cause });
}
