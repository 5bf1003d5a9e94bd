/** What can execute a model, where, and how exactly: as configuration, messages and reports name them. */
export const ENGINE_NAMES = ['tensorflow', 'native', 'wasm'] as const;
export const DEVICES = ['cuda', 'cpu'] as const;
export const PRECISIONS = ['float32', 'bfloat16', 'int8'] as const;

export type EngineName = (typeof ENGINE_NAMES)[number];
export type Device = (typeof DEVICES)[number];
export type Precision = (typeof PRECISIONS)[number];
