import { createHash } from 'node:crypto';
import type { Client } from 'pg';
import { FoveaError } from '../../../platform/errors.js';
import { labelsNamed } from '../../../platform/match-label.js';
import type { AnsweringVersion, StatisticsQuery } from '../history.js';
import type { VersionRefs } from '../row-refs.js';
import type { Names } from '../stored-row.js';
import { parseVersion } from '../version-numbers.js';
import { storable } from './storable.js';

interface VersionRow {
  readonly ref: number;
  readonly model: string;
  readonly version: number;
  readonly labels: string[];
  readonly label_ids: string[] | null;
}

interface ClassRow {
  readonly ref: number;
  readonly label: string;
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Refs that rows mention. */
export interface WantedNames {
  readonly versions: readonly (number | null)[];
  readonly classes: readonly (number | null)[];
}

/**
 * Versions and classes by the short numbers (`ref`) that rows store, and the reverse. Refs never change and are never
 * deleted, so each is read once.
 */
export class PostgresNames implements Names {
  readonly #versions = new Map<number, AnsweringVersion>();
  readonly #labels = new Map<number, string>();
  /** By number, as described in `newVersions` of the groups. */
  readonly #descriptions: string[] = [];
  readonly #refs: (VersionRefs | undefined)[] = [];

  version(ref: number): AnsweringVersion | undefined {
    return this.#versions.get(ref);
  }

  label(ref: number): string | undefined {
    return this.#labels.get(ref);
  }

  labelOf(ref: number): string {
    return this.#labels.get(ref) ?? String(ref);
  }

  /** Reads the names that are not known yet; `version` and `label` know them afterwards. */
  async load(client: Client, { versions, classes }: WantedNames): Promise<void> {
    const missing = (refs: WantedNames['classes'], known: ReadonlyMap<number, unknown>): number[] => [
      ...new Set(refs.filter((ref) => ref !== null && !known.has(ref)).map(Number)),
    ];
    const newVersions = missing(versions, this.#versions);
    if (newVersions.length > 0) {
      const sql =
        'SELECT ref, model, version, labels, label_ids FROM fovea.model_versions WHERE ref = ANY($1)';
      const { rows } = await client.query<VersionRow>(sql, [newVersions]);
      for (const { ref, label_ids: labelIds, ...version } of rows)
        this.#versions.set(ref, { ...version, labelIds });
    }
    const newClasses = missing(classes, this.#labels);
    if (newClasses.length === 0) return;
    const sql = 'SELECT ref, label FROM fovea.classes WHERE ref = ANY($1)';
    const { rows } = await client.query<ClassRow>(sql, [newClasses]);
    for (const { ref, label } of rows) this.#labels.set(ref, label);
  }

  /** Refs of the classes that `labelsNamed` finds. */
  async classRefs(client: Client, name: string): Promise<number[]> {
    const { rows } = await client.query<ClassRow>('SELECT ref, label FROM fovea.classes');
    const found = new Set(
      labelsNamed(
        name,
        rows.map(({ label }) => label),
      ),
    );
    return rows.filter(({ label }) => found.has(label)).map(({ ref }) => ref);
  }

  /** Refs of the versions that match a query; undefined when all match. */
  async versionRefs(client: Client, { model, version }: StatisticsQuery): Promise<number[] | undefined> {
    if (model === undefined && version === undefined) return undefined;
    const sql = `SELECT ref FROM fovea.model_versions
      WHERE model = coalesce($1, model) AND version = coalesce($2::integer, version)`;
    const { rows } = await client.query<{ ref: number }>(sql, [
      model === undefined ? null : storable(model),
      version ?? null,
    ]);
    return rows.map(({ ref }) => ref);
  }

  async everyVersionRef(client: Client): Promise<number[]> {
    const { rows } = await client.query<{ ref: number }>('SELECT ref FROM fovea.model_versions');
    return rows.map(({ ref }) => ref);
  }

  /** @param first number of the first description; existing ones are equal */
  learn(first: number, descriptions: readonly string[]): void {
    descriptions.forEach((description, index) => {
      this.#descriptions[first + index] = description;
    });
  }

  /** Refs of a version of the groups. Not within a transaction, because they outlast its rollback. */
  async refsOf(client: Client, number: number): Promise<VersionRefs> {
    const known = this.#refs[number];
    if (known !== undefined) return known;
    const description = this.#descriptions[number];
    // The thread was replaced. The sender describes its versions again after this failure.
    if (description === undefined) throw new FoveaError('history_failed', 'The history was reopened. Retry.');
    const version = parseVersion(description);
    const labels = version.labels.map(storable);
    const refs = {
      version: await this.#addVersion(client, { ...version, labels }),
      classes: await this.addClasses(client, labels),
    };
    this.#refs[number] = refs;
    return refs;
  }

  /** Refs of labels, in their order; adds those that are new. */
  async addClasses(client: Client, labels: readonly string[]): Promise<number[]> {
    const digests = labels.map(sha256);
    // In order, so that two servers that add the same labels cannot wait for each other.
    await client.query(
      `INSERT INTO fovea.classes (label, label_sha256)
      SELECT DISTINCT label, digest FROM unnest($1::text[], $2::bytea[]) AS given (label, digest)
      WHERE NOT EXISTS (SELECT FROM fovea.classes WHERE label_sha256 = digest)
      ORDER BY digest ON CONFLICT DO NOTHING`,
      [labels, digests],
    );
    const sql = 'SELECT ref, label FROM fovea.classes WHERE label_sha256 = ANY($1::bytea[])';
    const { rows } = await client.query<ClassRow>(sql, [digests]);
    const refs = new Map(rows.map(({ label, ref }) => [label, ref]));
    return labels.map((label) => refs.get(label) ?? 0);
  }

  async #addVersion(client: Client, version: Required<AnsweringVersion>): Promise<number> {
    const { model, version: number, labels, labelIds } = version;
    // Without the update RETURNING would not return the ref of an existing row.
    const { rows } = await client.query<{ ref: number }>(
      `INSERT INTO fovea.model_versions AS known (model, version, labels, labels_sha256, label_ids)
      VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (model, version, labels_sha256)
      DO UPDATE SET label_ids = coalesce(excluded.label_ids, known.label_ids) RETURNING ref`,
      [storable(model), number, labels, sha256(JSON.stringify(labels)), labelIds?.map(storable) ?? null],
    );
    return rows[0]?.ref ?? 0;
  }
}
