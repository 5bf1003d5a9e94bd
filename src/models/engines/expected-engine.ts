import { candidatesFor, type EngineChoice, type EngineName } from './providers.js';

/** The first engine that fits `choice` and whose `probe` finds no obstacle; undefined where there is none. */
export function expectedEngine(choice: EngineChoice): EngineName | undefined {
  return candidatesFor(choice).find(({ provider, device }) => provider.probe(device) === null)?.provider.name;
}
