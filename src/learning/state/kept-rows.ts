import { z } from 'zod';

/** A row that this release cannot read, because a newer release wrote it or it was edited by hand. */
export const unreadableRowSchema = z.object({ id: z.string(), start_time: z.string() });

export type UnreadableRow = z.infer<typeof unreadableRowSchema>;

/** Stored documents, newest first. */
export interface KeptRows<Document> {
  readonly documents: Document[];
  readonly unreadable: UnreadableRow[];
}

const rowSchema = z.object({ id: z.string(), started_at: z.string(), document: z.string() });

/**
 * Reads rows of `id`, `started_at` and `document`. Ignores unknown keys. A document that does not match the schema is
 * listed by its id in `unreadable`.
 */
export function readRows<Document>(
  rows: readonly unknown[],
  schema: z.ZodType<Document>,
): KeptRows<Document> {
  const documents: Document[] = [];
  const unreadable: UnreadableRow[] = [];
  for (const row of rows) {
    const { id, started_at, document } = rowSchema.parse(row);
    const read = schema.safeParse(parseJson(document));
    if (read.success) documents.push(read.data);
    else unreadable.push({ id, start_time: started_at });
  }
  return { documents, unreadable };
}

/** Adds documents that could not be saved yet; they replace older stored states of the same id. */
export function withUnsaved<Document extends { readonly id: string; readonly start_time: string }>(
  { documents, unreadable }: KeptRows<Document>,
  unsaved: readonly Document[],
  limit: number,
): KeptRows<Document> {
  const byId = new Map([...documents, ...unsaved].map((document) => [document.id, document]));
  const newestFirst = [...byId.values()].toSorted((a, b) => (a.start_time < b.start_time ? 1 : -1));
  return { documents: newestFirst.slice(0, limit), unreadable };
}

/** @returns undefined for invalid JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
