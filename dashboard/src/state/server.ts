import { computed, signal } from '@preact/signals';
import { FoveaClient } from '../../../clients/typescript/src/client.js';
import { ServerApi } from '../../../clients/typescript/src/server-api.js';
import { readStored, writeStored } from './stored.js';

/** The page's own folder, so that it works behind a path prefix. */
export const baseUrl = new URL('.', document.baseURI).href.replace(/\/$/, '');

/** @param file as the build names an imported file, relative to the script */
export function assetUrl(file: string): string {
  return `${baseUrl}/assets/${file.replace(/^.*\//, '')}`;
}

const NAME = 'fovea-access-key';

/** '' for none. It stays in memory, and in this tab's storage where the user wants that; never in an address. */
export const accessKey = signal(readStored(sessionStorage, NAME) ?? '');

export function useKey(key: string, isRemembered: boolean): void {
  accessKey.value = key;
  writeStored(sessionStorage, NAME, isRemembered && key !== '' ? key : null);
}

/** An evaluation of a large image or an activation may take minutes. */
const TIMEOUT_MS = 5 * 60 * 1000;

const options = computed(() => ({
  url: baseUrl,
  apiKey: accessKey.value === '' ? undefined : accessKey.value,
  timeoutMs: TIMEOUT_MS,
}));

/** Predictions. @param send in place of `fetch` */
export function clientWith(send?: typeof fetch): FoveaClient {
  return new FoveaClient({ ...options.value, fetch: send });
}

/** All else. */
export const server = computed(() => new ServerApi(options.value));
