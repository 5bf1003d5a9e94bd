import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { z } from 'zod';
import { addedSchema, cataloguePageSchema } from '../../src/learning/catalogue/catalogue-schema.js';
import { operatorFetch } from './operator.js';
import { type RunningServer, startServer } from './running-server.js';

export type Body = NonNullable<RequestInit['body']>;
export type Files = readonly (readonly [name: string, label: string, bytes: Uint8Array])[];

const addedAnswerSchema = addedSchema.extend({ message: z.string(), without_image: z.int().optional() });

/** A server that takes uploads. */
export interface Uploading extends RunningServer {
  readonly state: string;
  upload(body: Body, headers?: Record<string, string>, query?: string): Promise<Response>;
  page(query?: string): Promise<z.infer<typeof cataloguePageSchema>>;
  /** Files below the catalogue's images and staging. */
  leftovers(): { images: string[]; staging: string[] };
}

export async function startUploading(
  t: Test,
  state: string,
  env: Record<string, string> = {},
): Promise<Uploading> {
  const server = await startServer(t, { FOVEA_RATE_LIMIT_UPLOAD: 'off', FOVEA_STATE_DIR: state, ...env });
  const filesBelow = (folder: string): string[] => {
    const path = join(state, 'catalogue', folder);
    if (!existsSync(path)) return [];
    const entries = readdirSync(path, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  };
  return {
    ...server,
    state,
    upload: (body, headers = {}, query = '') =>
      operatorFetch(`${server.url}/api/upload/training-data${query}`, { method: 'POST', body, headers }),
    page: async (query = '') =>
      cataloguePageSchema.parse(
        await (await operatorFetch(`${server.url}/api/training-data${query}`)).json(),
      ),
    leftovers: () => ({ images: filesBelow('images'), staging: filesBelow('staging') }),
  };
}

export function formOf(files: Files): FormData {
  const form = new FormData();
  for (const [name, label, bytes] of files) {
    form.append('files', new Blob([Uint8Array.from(bytes)]), name);
    form.append('labels', label);
  }
  return form;
}

export async function added(response: Response): Promise<z.infer<typeof addedAnswerSchema>> {
  const body: unknown = await response.json();
  if (response.status !== 200) throw new Error(JSON.stringify(body));
  return addedAnswerSchema.parse(body);
}
