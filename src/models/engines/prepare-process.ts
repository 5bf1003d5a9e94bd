import type { ProcessBudget } from './provider.js';
import { candidatesFor, type EngineChoice } from './providers.js';

/** Prepares this process for each engine that `choice` allows. Runs in the main thread, before the first worker and before
 * `loadEngine`. */
export function prepareProcess(choice: EngineChoice, threads: number): void {
  const budget: ProcessBudget = { device: choice.device, threads };
  const providers = new Set(candidatesFor(choice).map(({ provider }) => provider));
  for (const provider of providers) provider.prepareProcess(budget);
}

/** Opens the libraries that must outlive workers, for the first engine whose `probe` finds no obstacle. Opening those of all
 * engines would take seconds and hundreds of megabytes. */
export function keepExpectedLoaded(choice: EngineChoice): void {
  const expected = candidatesFor(choice).find(({ provider, device }) => provider.probe(device) === null);
  expected?.provider.keepLoaded?.();
}
