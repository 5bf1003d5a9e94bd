import type { Database, Statement } from 'better-sqlite3';
import { z } from 'zod';
import { FoveaError } from '../../../platform/errors.js';
import { labelsNamed } from '../../../platform/match-label.js';
import type { AnsweringVersion, StatisticsQuery } from '../history.js';
import type { VersionRefs } from '../row-refs.js';
import { parseVersion } from '../version-numbers.js';

const labelsSchema = z.array(z.string());

interface VersionRow {
  readonly model: string;
  readonly version: number;
  readonly labels: string;
  readonly label_ids: string | null;
}

/**
 * Maps versions and class names to the short numbers (`ref`) that rows store. Refs never change and are never
 * deleted.
 */
export class NameTable {
  readonly #versions = new Map<number, AnsweringVersion>();
  readonly #labels = new Map<number, string>();
  readonly #selectVersion: Statement<[number], VersionRow>;
  readonly #selectLabel: Statement<[number], string>;
  readonly #selectClass: Statement<[string], number>;
  readonly #selectLabels: Statement<[], string>;
  readonly #selectVersions: Statement<[string | null, number | null], number>;

  constructor(database: Database) {
    this.#selectVersion = database.prepare(
      'SELECT model, version, labels, label_ids FROM model_versions WHERE ref = ?',
    );
    this.#selectLabel = database.prepare<[number], string>('SELECT label FROM classes WHERE ref = ?').pluck();
    this.#selectClass = database.prepare<[string], number>('SELECT ref FROM classes WHERE label = ?').pluck();
    this.#selectLabels = database.prepare<[], string>('SELECT label FROM classes').pluck();
    this.#selectVersions = database
      .prepare<[string | null, number | null], number>(
        'SELECT ref FROM model_versions WHERE model = ifnull(?, model) AND version = ifnull(?, version)',
      )
      .pluck();
  }

  version(ref: number): AnsweringVersion | undefined {
    const known = this.#versions.get(ref);
    if (known !== undefined) return known;
    const row = this.#selectVersion.get(ref);
    if (row === undefined) return undefined;
    const { model, version: number, labels, label_ids: ids } = row;
    const version = {
      model,
      version: number,
      labels: labelsSchema.parse(JSON.parse(labels)),
      labelIds: ids === null ? null : labelsSchema.parse(JSON.parse(ids)),
    };
    this.#versions.set(ref, version);
    return version;
  }

  label(ref: number): string | undefined {
    const label = this.#labels.get(ref) ?? this.#selectLabel.get(ref);
    if (label !== undefined) this.#labels.set(ref, label);
    return label;
  }

  /** Refs of the classes that `labelsNamed` finds. */
  classRefs(name: string): number[] {
    const found = labelsNamed(name, this.#selectLabels.all());
    return found.flatMap((label) => this.#selectClass.get(label) ?? []);
  }

  /** Refs of the versions that match a query; undefined when all match. */
  versionRefs({ model, version }: StatisticsQuery): number[] | undefined {
    if (model === undefined && version === undefined) return undefined;
    return this.#selectVersions.all(model ?? null, version ?? null);
  }

  everyVersionRef(): number[] {
    return this.#selectVersions.all(null, null);
  }
}

/** Assigns refs to versions and classes within the writer's transactions. */
export class NameWriter {
  /** By version number, as described in `newVersions` of the groups. */
  readonly #descriptions: string[] = [];
  #refs: (VersionRefs | undefined)[] = [];
  readonly #addVersion: Statement<[string, number, string, string | null], number>;
  readonly #addClass: Statement<[string], number>;

  constructor(database: Database) {
    // Without the update RETURNING would not return the ref of an existing row.
    this.#addVersion = database
      .prepare<[string, number, string, string | null], number>(
        'INSERT INTO model_versions (model, version, labels, label_ids) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET label_ids = ifnull(excluded.label_ids, label_ids) RETURNING ref',
      )
      .pluck();
    this.#addClass = database
      .prepare<[string], number>(
        'INSERT INTO classes (label) VALUES (?) ON CONFLICT DO UPDATE SET label = label RETURNING ref',
      )
      .pluck();
  }

  /** @param first number of the first description; existing ones are equal */
  learn(first: number, descriptions: readonly string[]): void {
    descriptions.forEach((description, index) => {
      this.#descriptions[first + index] = description;
    });
  }

  /** Call it after a rollback, which voids the refs assigned in the transaction. */
  forget(): void {
    this.#refs = [];
  }

  refsOf(number: number): VersionRefs {
    const known = this.#refs[number];
    if (known !== undefined) return known;
    const description = this.#descriptions[number];
    // The writer was replaced. The sender describes its versions again after this failure.
    if (description === undefined) throw new FoveaError('history_failed', 'The history was reopened. Retry.');
    const { model, version, labels, labelIds: ids } = parseVersion(description);
    const refs = {
      version: this.#addVersion.get(model, version, JSON.stringify(labels), ids && JSON.stringify(ids)) ?? 0,
      classes: labels.map((label) => this.classRef(label)),
    };
    this.#refs[number] = refs;
    return refs;
  }

  classRef(label: string): number {
    return this.#addClass.get(label) ?? 0;
  }
}
