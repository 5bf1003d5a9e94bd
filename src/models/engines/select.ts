import { FoveaError } from '../../platform/errors.js';
import type { ModelSource } from '../formats/format.js';
import { openModel } from '../formats/open-model.js';
import type { ModelVersion } from '../repository/model-version.js';
import { checkPlan } from './check-plan.js';
import type { Engine, EngineOptions, Precision } from './engine.js';
import { type Candidate, candidatesFor, type EngineChoice, type EngineName } from './providers.js';

export interface Selected {
  readonly name: EngineName;
  readonly engine: Engine;
  /** The reason against each engine that was tried before this one. */
  readonly passedOver: readonly string[];
}

type Options = Omit<EngineOptions, 'device' | 'precision'>;

/** Loads a version onto the first engine that fits `choice`, runs on this machine and executes the model.
 * @throws FoveaError `engine_unavailable` when no engine does, with the reason against each; `model_invalid` */
export async function loadEngine(
  version: ModelVersion,
  choice: EngineChoice,
  options: Options,
): Promise<Selected> {
  const { precision = 'auto' } = choice;
  const source = await openModel(version);
  const compiled = await source.plan();
  if ('plan' in compiled) checkPlan(compiled.plan, version.manifest);
  const passedOver: string[] = [];
  for (const candidate of candidatesFor(choice)) {
    const result = await tryCandidate(candidate, source, { ...options, precision });
    const { name } = candidate.provider;
    if (typeof result !== 'string') return { name, engine: result, passedOver };
    passedOver.push(`${name} on ${candidate.device}: ${result}`);
  }
  const wanted = `engine ${choice.engine} on device ${choice.device} in precision ${precision}`;
  const reasons = passedOver.length > 0 ? passedOver.join(' ') : 'this engine does not run on this device.';
  throw new FoveaError('engine_unavailable', `The model cannot run on ${wanted}: ${reasons}`, {
    details: { reasons: passedOver },
  });
}

/** @returns the engine, or the reason against it */
async function tryCandidate(
  { provider, device }: Candidate,
  source: ModelSource,
  options: Options & { readonly precision: Precision | 'auto' },
): Promise<Engine | string> {
  const { precisions } = provider;
  if (options.precision !== 'auto' && !precisions.includes(options.precision))
    return `It computes in ${precisions.join(', ')} only.`;
  const reason = provider.probe(device) ?? (await provider.accepts(source));
  if (reason !== null) return reason;
  try {
    return await provider.load(source, { ...options, device });
  } catch (error) {
    if (error instanceof FoveaError && error.code === 'engine_unavailable') return error.message;
    throw error;
  }
}
