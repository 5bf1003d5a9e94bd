import { finished } from 'node:stream/promises';
import type { Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { storable } from './storable.js';

export type CopiedValue = string | number | Buffer | readonly number[] | null;

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** @source https://www.postgresql.org/docs/current/sql-copy.html, text format */
function encode(value: CopiedValue): string {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string')
    return storable(value).replaceAll(/[\\\t\n\r]/g, (special) => ESCAPES[special] ?? special);
  return Buffer.isBuffer(value) ? `\\\\x${value.toString('hex')}` : `{${value.join(',')}}`;
}

/** Adds rows to a table by COPY, within the caller's transaction.
 * @param columns of every row, in order
 * @throws the database's error, with none of the rows added */
export async function copyRows(
  client: Client,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly CopiedValue[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const stream = client.query(copyFrom(`COPY ${table} (${columns.join(', ')}) FROM STDIN`));
  stream.end(rows.map((row) => `${row.map(encode).join('\t')}\n`).join(''));
  await finished(stream);
}
