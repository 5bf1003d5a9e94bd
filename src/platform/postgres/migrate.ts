import type { Client } from 'pg';
import { z } from 'zod';
import type { DatabaseName } from '../database/database-name.js';
import { FoveaError } from '../errors.js';
import type { Link } from './link.js';

/** Tables of one purpose, in the schema `fovea`. */
export interface PostgresForm extends DatabaseName {
  /** In order; `fovea.migrations` has a row for each that ran. A released migration never changes. */
  readonly migrations: readonly string[];
}

/** Held while tables change, so that servers that start together do so one after another: "fovea" in ASCII. */
const LOCK = 0x666f766561;

const countSchema = z.tuple([z.object({ seen: z.int() })]);

async function countSeen(client: Client, { name }: PostgresForm): Promise<number> {
  const { rows } = await client.query('SELECT count(*) AS seen FROM fovea.migrations WHERE form = $1', [
    name,
  ]);
  return countSchema.parse(rows)[0].seen;
}

async function hasTable(client: Client, table: string): Promise<boolean> {
  const { rows } = await client.query('SELECT 1 WHERE to_regclass($1) IS NOT NULL', [table]);
  return rows.length > 0;
}

/** An operator may have made the schema for a user who may not. */
async function makeSchema(client: Client): Promise<void> {
  const { rows } = await client.query("SELECT 1 WHERE to_regnamespace('fovea') IS NOT NULL");
  if (rows.length === 0) await client.query('CREATE SCHEMA fovea');
  await client.query(`
    CREATE TABLE IF NOT EXISTS fovea.migrations (
      form text NOT NULL,
      number integer NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (form, number)
    )`);
}

function refuseNewer(seen: number, { name, migrations }: PostgresForm): void {
  if (seen <= migrations.length) return;
  throw new FoveaError('config_invalid', `The ${name} in the database was written by a newer Fovea.`, {
    details: { migration: seen, newest_known: migrations.length },
  });
}

/** Runs the migrations that the database lacks, in one transaction.
 * @throws FoveaError `config_invalid` when a newer release wrote it, and errors of `Link` */
export async function migrate(link: Link, form: PostgresForm): Promise<void> {
  const { name, migrations } = form;
  const seen = await link.run(async (client) =>
    (await hasTable(client, 'fovea.migrations')) ? countSeen(client, form) : 0,
  );
  refuseNewer(seen, form);
  if (seen === migrations.length) return;
  await link.transact(async (client) => {
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    await makeSchema(client);
    const done = await countSeen(client, form);
    refuseNewer(done, form);
    for (const [place, migration] of migrations.entries()) {
      if (place < done) continue;
      await client.query(migration);
      await client.query('INSERT INTO fovea.migrations VALUES ($1, $2)', [name, place + 1]);
    }
  });
}
