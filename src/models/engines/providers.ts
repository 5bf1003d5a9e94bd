import { cudnnProvider } from './cudnn/provider.js';
import { DEVICES, type Device, type Precision } from './engine.js';
import { nativeProvider } from './native/provider.js';
import { onnxRuntimeProvider } from './onnxruntime/provider.js';
import type { EngineProvider } from './provider.js';
import { tensorflowProvider } from './tensorflow/provider.js';
import { wasmProvider } from './wasm/provider.js';

/** In order of preference: on each device, the first engine that can run the model serves it. */
const ALL = [cudnnProvider, nativeProvider, onnxRuntimeProvider, tensorflowProvider, wasmProvider] as const;

export type EngineName = (typeof ALL)[number]['name'];

/** An entry of `PROVIDERS`. */
export type NamedProvider = EngineProvider & { readonly name: EngineName };

export const PROVIDERS: readonly NamedProvider[] = ALL;

export const ENGINE_NAMES: readonly EngineName[] = ALL.map(({ name }) => name);

export interface EngineChoice {
  readonly engine: EngineName | 'auto';
  readonly device: Device | 'auto';
  /** `auto`, the default, lets the engine choose. */
  readonly precision?: Precision | 'auto' | undefined;
}

/** An engine on a device. */
export interface Candidate {
  readonly provider: NamedProvider;
  readonly device: Device;
}

/** The engines and devices that fit `choice`, the best first. The precision is not considered. */
export function candidatesFor({ engine, device }: EngineChoice): Candidate[] {
  return DEVICES.filter((each) => device === 'auto' || each === device).flatMap((each) =>
    PROVIDERS.filter(({ name }) => engine === 'auto' || name === engine)
      .filter(({ devices }) => devices.includes(each))
      .map((provider) => ({ provider, device: each })),
  );
}

/** Undefined for a name that this release does not know. */
export function providerNamed(name: string): NamedProvider | undefined {
  return PROVIDERS.find((provider) => provider.name === name);
}
