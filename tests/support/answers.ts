import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { predictionSchema } from '../../src/fronts/http/api/prediction-answer.js';
import { errorBodySchema } from '../../src/fronts/http/openapi/errors.js';

/** Reads an error response and checks its form. */
export async function errorOf(
  response: Response,
): Promise<z.infer<typeof errorBodySchema> & { status: number }> {
  return { status: response.status, ...errorBodySchema.parse(await response.json()) };
}

export async function predictionOf(response: Response): Promise<z.infer<typeof predictionSchema>> {
  return predictionSchema.parse(await response.json());
}

/** A photograph of the repository, by class and number. */
export function fixtureImage(name: string): Promise<Buffer> {
  return readFile(`tests/fixtures/images/${name}.jpg`);
}

/** A form with files, as a browser sends it. */
export function formWith(field: string, files: Readonly<Record<string, Uint8Array>>, type = ''): FormData {
  const form = new FormData();
  for (const [name, bytes] of Object.entries(files)) {
    form.append(field, new Blob([Uint8Array.from(bytes)], { type }), name);
  }
  return form;
}
