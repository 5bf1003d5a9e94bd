import { z } from 'zod';
import { parseRate } from '../../platform/rate.js';

/** One setting: its variable, accepted values and meaning. */
export interface Setting<T> {
  /** The `FOVEA_…` name. */
  readonly name: string;
  /** Names in the old service. `name` wins over them, an earlier alias over a later one. */
  readonly aliases: readonly string[];
  readonly fallback: T;
  /** The default in words. */
  readonly fallbackText: string;
  /** The accepted values in words, with the unit. */
  readonly accepts: string;
  /** One sentence for the configuration table of the docs. */
  readonly meaning: string;
  /** Whether the value must not be shown: it may hold a password. */
  readonly isSecret: boolean;
  /** Parses the variable's text. */
  readonly schema: z.ZodType<T, string>;
}

export type AnySetting = Setting<string | number | boolean>;

interface About<T> {
  readonly fallback: T;
  readonly fallbackText?: string;
  readonly aliases?: readonly string[];
  readonly meaning: string;
}

function define<T>(name: string, about: About<T>, accepts: string, schema: z.ZodType<T, string>): Setting<T> {
  const fallbackText = about.fallbackText ?? `\`${about.fallback}\``;
  const { fallback, meaning, aliases = [] } = about;
  return { name, aliases, fallback, fallbackText, accepts, meaning, isSecret: false, schema };
}

interface Range {
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
}

function rangeText(kind: string, { min, max, unit }: Range): string {
  return `${kind} ${min}..${max}${unit === undefined ? '' : ` ${unit}`}`;
}

export function integer(name: string, about: About<number> & Range): Setting<number> {
  const schema = z.string().regex(/^\d+$/).transform(Number).pipe(z.int().min(about.min).max(about.max));
  return define(name, about, rangeText('integer', about), schema);
}

export function decimal(name: string, about: About<number> & Range): Setting<number> {
  const schema = z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number)
    .pipe(z.number().min(about.min).max(about.max));
  return define(name, about, rangeText('number', about), schema);
}

export function text(name: string, about: About<string> & { readonly accepts: string }): Setting<string> {
  return define(name, about, about.accepts, z.string());
}

/** A text that no log and no message shows. */
export function secret(name: string, about: About<string> & { readonly accepts: string }): Setting<string> {
  return { ...text(name, about), isSecret: true };
}

/** Accepts Python's spelling (`True`, `False`) too, as the old service did. */
export function flag(name: string, about: About<boolean>): Setting<boolean> {
  const schema = z.stringbool({ truthy: ['true', '1'], falsy: ['false', '0'] });
  return define(name, about, '`true`, `false`', schema);
}

/** `off`, or a port; 0 takes a free one. */
export function optionalPort(name: string, about: About<string>): Setting<string> {
  const schema = z
    .string()
    .regex(/^(off|\d{1,5})$/)
    .refine((value) => value === 'off' || Number(value) <= 65_535);
  return define(name, about, '`off`, or an integer 0..65535', schema);
}

/** Ignores case. @param about `synonyms` are further accepted spellings */
export function choice<const T extends string>(
  name: string,
  about: About<NoInfer<T>> & { readonly of: readonly T[]; readonly synonyms?: Readonly<Record<string, T>> },
): Setting<T> {
  const schema = z
    .string()
    .transform((value) => about.synonyms?.[value.toLowerCase()] ?? value.toLowerCase())
    .pipe(z.enum(about.of));
  return define(name, about, about.of.map((value) => `\`${value}\``).join(', '), schema);
}

/** A rate such as `30/min`, as `parseRate` reads it. */
export function rate(name: string, about: About<string>): Setting<string> {
  const schema = z.string().refine((value) => parseRate(value) !== undefined);
  return define(name, about, '`<count>/s`, `/min`, `/h` or `/d`; `off`', schema);
}
