import type { ProcessBudget } from './provider.js';
import { candidatesFor, type EngineChoice } from './providers.js';

/** Prepares this process for each engine that a choice may end with. Runs in the main thread, before the first worker and
 * before `loadEngine`. */
export function prepareProcess(choice: EngineChoice, threads: number): void {
  const budget: ProcessBudget = { device: choice.device, threads };
  const providers = new Set(candidatesFor(choice).map(({ provider }) => provider));
  for (const provider of providers) provider.prepareProcess(budget);
}

/** Opens the libraries that must outlive workers, for the engine that will probably run: the first that finds nothing
 * against this machine. Those of the others would take seconds and hundreds of megabytes in vain. */
export function keepExpectedLoaded(choice: EngineChoice): void {
  const expected = candidatesFor(choice).find(({ provider, device }) => provider.probe(device) === null);
  expected?.provider.keepLoaded?.();
}
