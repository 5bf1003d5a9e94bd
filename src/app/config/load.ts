import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { hasNvidiaDriver } from '../../models/engines/nvidia-driver.js';
import { FoveaError } from '../../platform/errors.js';
import { editDistance, nearestName } from '../../platform/nearest-name.js';
import { withGpuDefaults } from './gpu-defaults.js';
import { findContradictions } from './relations.js';
import { type Config, SETTINGS } from './schema.js';
import type { AnySetting } from './setting.js';

/** Variables of a process, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'FOVEA_';
/** Kubernetes sets such variables in every pod for each Service named `fovea` or `fovea-…`.
 * @source https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables */
const SERVICE_LINK = /^FOVEA_(\w+_)?(SERVICE_(HOST|PORT)|PORT_\d+_(TCP|UDP|SCTP))/;
const SERVICE_ADDRESS = /^tcp:\/\//;
/** Of the variable that names a file with the value of a secret. */
const FILE_SUFFIX = '_FILE';
const KNOWN_NAMES = Object.values(SETTINGS).flatMap((section) =>
  Object.values(section).flatMap(({ name, isSecret }: AnySetting) =>
    isSecret ? [name, name + FILE_SUFFIX] : [name],
  ),
);

function isGiven(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '' && !SERVICE_ADDRESS.test(value);
}

/** The value of a secret that lies in a file, as Docker and Kubernetes mount it; undefined when no file is named. */
function readSecretFile(
  { name, isSecret }: AnySetting,
  env: Environment,
  problems: string[],
): string | undefined {
  const path = env[name + FILE_SUFFIX]?.trim();
  if (!isSecret || path === undefined || path === '') return undefined;
  if (isGiven(env[name])) problems.push(`${name} and ${name}${FILE_SUFFIX} must not be given together.`);
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    problems.push(`${name}${FILE_SUFFIX}: ${path} cannot be read (${reason}).`);
    return undefined;
  }
}

/** An empty variable counts as absent, because Compose files pass unset variables as empty ones. */
function readSetting(setting: AnySetting, env: Environment, problems: string[]): AnySetting['fallback'] {
  const name = [setting.name, ...setting.aliases].find((candidate) => isGiven(env[candidate]));
  const value =
    readSecretFile(setting, env, problems) ?? (name === undefined ? undefined : env[name]?.trim());
  if (value === undefined) return setting.fallback;
  const parsed = setting.schema.safeParse(value);
  if (parsed.success) return parsed.data;
  problems.push(`${name}: expected ${setting.accepts.replaceAll('`', '')} but received "${value}".`);
  return setting.fallback;
}

function readSection(
  section: Readonly<Record<string, AnySetting>>,
  env: Environment,
  problems: string[],
): Readonly<Record<string, AnySetting['fallback']>> {
  const values = Object.entries(section).map(([key, setting]) => [key, readSetting(setting, env, problems)]);
  return Object.freeze(Object.fromEntries(values));
}

function unknownNames(env: Environment): string[] {
  return Object.keys(env).filter(
    (name) =>
      name.startsWith(PREFIX) &&
      !KNOWN_NAMES.includes(name) &&
      !SERVICE_LINK.test(name) &&
      !SERVICE_ADDRESS.test(env[name] ?? ''),
  );
}

/** Whether the name is probably a typing error: letters of a setting in another order, or at most 3 edits from one, fewer
 * for short names. */
function isNearMiss(name: string, nearest: string): boolean {
  const maxEdits = Math.min(3, Math.ceil((name.length - PREFIX.length) / 4));
  const letters = (text: string): string => [...text].toSorted((a, b) => a.localeCompare(b)).join('');
  return editDistance(name, nearest) <= maxEdits || letters(name) === letters(nearest);
}

function findNearMisses(env: Environment): string[] {
  return unknownNames(env).flatMap((name) => {
    const nearest = nearestName(name, KNOWN_NAMES);
    if (nearest === undefined || !isNearMiss(name, nearest)) return [];
    return `${name} is not a setting; did you mean ${nearest}?`;
  });
}

/** @returns one line for each FOVEA_ variable that is no setting, and no near miss of one: it has no effect */
export function unknownSettings(env: Environment): string[] {
  return unknownNames(env)
    .filter((name) => !isNearMiss(name, nearestName(name, KNOWN_NAMES) ?? ''))
    .map((name) => `${name} has no effect: it is not a setting.`);
}

function defaultCacheDir(env: Environment): string {
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'fovea');
}

/** Without FOVEA_INSTANCES an instance for each core. */
function withCores(inference: Config['inference'], env: Environment): Config['inference'] {
  return isGiven(env.FOVEA_INSTANCES)
    ? inference
    : { ...inference, instances: Math.min(256, inference.cores) };
}

/** Reads all settings. No other module reads `process.env`.
 * @throws FoveaError `config_invalid`, with every problem in `details.problems` */
export function loadConfig(env: Environment): Config {
  const problems = findNearMisses(env);
  const sections = Object.entries(SETTINGS).map(([key, section]) => [
    key,
    readSection(section, env, problems),
  ]);
  // `Object.entries` loses the type of each key; every section was read by its own schema.
  const read: Config = Object.fromEntries(sections);
  const config: Config = Object.freeze({
    ...read,
    inference: Object.freeze(
      withGpuDefaults(withCores(read.inference, env), (name) => isGiven(env[name]), hasNvidiaDriver()),
    ),
    storage: Object.freeze({ ...read.storage, cacheDir: read.storage.cacheDir || defaultCacheDir(env) }),
  });
  problems.push(...findContradictions(config));
  if (problems.length > 0) {
    throw new FoveaError('config_invalid', `The configuration is wrong:\n  ${problems.join('\n  ')}`, {
      details: { problems },
    });
  }
  return config;
}
