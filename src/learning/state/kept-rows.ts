import { z } from 'zod';

/** A row that this release cannot read: a newer one wrote it, or it was changed by hand. */
export const unreadableRowSchema = z.object({ id: z.string(), start_time: z.string() });

export type UnreadableRow = z.infer<typeof unreadableRowSchema>;

/** Documents as they are kept, newest first. */
export interface KeptRows<Document> {
  readonly documents: Document[];
  readonly unreadable: UnreadableRow[];
}

const rowSchema = z.object({ id: z.string(), started_at: z.string(), document: z.string() });

/**
 * Reads rows of `id`, `started_at` and `document`. Keys that the schema does not know are left out; a document that it
 * cannot read at all is told by its id.
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

/** The rows with what could not be saved yet, and with newer forms of what was. */
export function withUnsaved<Document extends { readonly id: string; readonly start_time: string }>(
  { documents, unreadable }: KeptRows<Document>,
  unsaved: readonly Document[],
  limit: number,
): KeptRows<Document> {
  const byId = new Map([...documents, ...unsaved].map((document) => [document.id, document]));
  const newestFirst = [...byId.values()].toSorted((a, b) => (a.start_time < b.start_time ? 1 : -1));
  return { documents: newestFirst.slice(0, limit), unreadable };
}

/** @returns undefined for what is no JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
