import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADMIN_TOKEN_FILE } from '../../src/fronts/door/admin-token.js';

/** State directories of the servers that tests started, by origin. */
const stateDirs = new Map<string, string>();

/** To be called once the server listens. */
export function rememberStateDir(url: string, stateDir: string): void {
  stateDirs.set(new URL(url).origin, stateDir);
}

/** The header that lets its sender change the server at `url`. */
export function operatorHeader(url: string): { Authorization: string } {
  const stateDir = stateDirs.get(new URL(url).origin);
  if (stateDir === undefined) throw new Error(`No test started a server at ${url}.`);
  return { Authorization: `Bearer ${readFileSync(join(stateDir, ADMIN_TOKEN_FILE), 'utf8').trim()}` };
}

/** `fetch` as the machine's operator, who may change the server. */
export function operatorFetch(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  for (const [name, value] of Object.entries(operatorHeader(url))) headers.set(name, value);
  return fetch(url, { ...init, headers });
}
