import { FoveaError } from '../../platform/errors.js';
import type { ModelSource } from '../formats/format.js';
import { openModel } from '../formats/open-model.js';
import type { ModelVersion } from '../repository/model-version.js';
import { checkPlan } from './check-plan.js';
import type { Engine, EngineOptions, Precision } from './engine.js';
import { finishedEngine } from './finished-engine.js';
import { checkGolden, type GoldenPixels } from './golden.js';
import {
  type Candidate,
  candidatesFor,
  type EngineChoice,
  type EngineName,
  type NamedProvider,
} from './providers.js';

export interface Selected {
  readonly name: EngineName;
  readonly engine: Engine;
  /** The reason against each engine that was tried before this one. */
  readonly passedOver: readonly string[];
}

interface LoadOptions extends Omit<EngineOptions, 'device' | 'precision'> {
  /** The version's golden images: an engine whose answers leave their tolerance is refused. */
  readonly golden: readonly GoldenPixels[];
  /** What precision `auto` means for an engine; engines without a decision choose by themselves. */
  readonly decided?: { readonly engine: EngineName; readonly precision: Precision } | null;
}

type Options = LoadOptions & { readonly precision: Precision | 'auto' };

/** Loads a version onto the first engine that fits `choice`, runs on this machine and executes the model.
 * @throws FoveaError `engine_unavailable` when no engine does, with the reason against each; `model_invalid` */
export async function loadEngine(
  version: ModelVersion,
  choice: EngineChoice,
  options: LoadOptions,
): Promise<Selected> {
  const { precision = 'auto' } = choice;
  const source = await openModel(version);
  await checkSource(source);
  const passedOver: string[] = [];
  for (const candidate of candidatesFor(choice)) {
    const { name } = candidate.provider;
    const pass = (reason: string) => passedOver.push(`${name} on ${candidate.device}: ${reason}`);
    const result = await tryExactly(candidate, source, { ...options, precision }, pass);
    if (typeof result !== 'string') return { name, engine: result, passedOver };
    pass(result);
  }
  const wanted = `engine ${choice.engine} on device ${choice.device} in precision ${precision}`;
  const reasons = passedOver.length > 0 ? passedOver.join(' ') : 'this engine does not run on this device.';
  throw new FoveaError('engine_unavailable', `The model cannot run on ${wanted}: ${reasons}`, {
    details: { reasons: passedOver },
  });
}

/** @throws FoveaError `model_invalid` */
async function checkSource(source: ModelSource): Promise<void> {
  const compiled = await source.plan();
  if ('plan' in compiled) checkPlan(compiled.plan, source.version.manifest);
}

/** Loads a candidate and checks the golden images. With precision `auto`, answers outside the tolerance lead to a second
 * attempt in float32.
 * @param onRetry receives the reason
 * @returns the engine, or the reason against it
 * @throws FoveaError `model_invalid` */
async function tryExactly(
  candidate: Candidate,
  source: ModelSource,
  options: Options,
  onRetry: (reason: string) => void,
): Promise<Engine | string> {
  const engine = await tryCandidate(candidate, source, options);
  if (typeof engine === 'string') return engine;
  try {
    checkGolden(engine, source.version, options.golden);
    return engine;
  } catch (error) {
    engine.dispose();
    if (options.precision !== 'auto' || engine.precision === 'float32') throw error;
    onRetry(FoveaError.from(error).message);
    return tryExactly(candidate, source, { ...options, precision: 'float32' }, onRetry);
  }
}

function precisionOn({ name }: NamedProvider, { precision, decided }: Options): Options['precision'] {
  return precision === 'auto' && decided?.engine === name ? decided.precision : precision;
}

/** @returns the engine, or the reason against it */
async function tryCandidate(
  { provider, device }: Candidate,
  source: ModelSource,
  options: Options,
): Promise<Engine | string> {
  const { precisions } = provider;
  if (options.precision !== 'auto' && !precisions.includes(options.precision))
    return `It computes in ${precisions.join(', ')} only.`;
  const reason = provider.probe(device) ?? (await provider.accepts(source));
  if (reason !== null) return reason;
  try {
    const engine = await provider.load(source, {
      ...options,
      precision: precisionOn(provider, options),
      device,
    });
    const { output, labels } = source.version.manifest;
    return finishedEngine(engine, output, labels.length, options.maxBatchSize);
  } catch (error) {
    if (error instanceof FoveaError && error.code === 'engine_unavailable') return error.message;
    throw error;
  }
}
