import type { Database, Statement } from 'better-sqlite3';
import { FoveaError } from '../../platform/errors.js';
import { labelFinder } from '../../platform/match-label.js';
import { isSameSet, packRefs, unpackRefs } from './class-refs.js';
import type { AnsweringVersion } from './history.js';
import { NameTable, type NameWriter } from './names.js';
import { fromKey, timeMsOf } from './prediction-id.js';
import type { FeedbackKind, RollupWriter } from './rollups.js';
import type { ToldTruth, Truth } from './truth.js';

interface AnsweredRow {
  readonly version_ref: number | null;
  readonly class_ref: number | null;
  readonly labels: Buffer | null;
  readonly feedback_ref: number | null;
  readonly feedback_labels: Buffer | null;
  readonly shadow_of: Buffer | null;
}

/** `feedback_ref` of a row whose truth is in `feedback_labels`. */
const SEVERAL = 0;

/** @returns the index of each
 * @throws FoveaError `bad_request` */
function indicesOf(told: readonly (string | number)[], { labels, labelIds }: AnsweringVersion): number[] {
  const find = labelFinder(labels);
  return told.map((wanted) => {
    const index = typeof wanted === 'number' ? wanted : (find(wanted) ?? labelIds?.indexOf(wanted) ?? -1);
    if (labels[index] !== undefined) return index;
    const shown = typeof wanted === 'number' ? `class ${wanted}` : `class "${wanted}"`;
    throw new FoveaError('bad_request', `The model that answered knows no ${shown}.`);
  });
}

/** @throws FoveaError `bad_request` */
function requireAnswer(row: AnsweredRow): void {
  if (row.class_ref === null)
    throw new FoveaError('bad_request', 'This prediction failed: it has no answer to correct.');
  if (row.shadow_of === null) return;
  const message = 'A shadow gave this answer: tell the label of the one that was returned.';
  throw new FoveaError('bad_request', message, { details: { prediction_id: fromKey(row.shadow_of) } });
}

/** How each label of an answer or of the truth counts. */
function* judge(answered: readonly number[], truth: readonly number[]): Generator<[FeedbackKind, number]> {
  const [given, wanted] = [new Set(answered), new Set(truth)];
  for (const ref of given) yield [wanted.has(ref) ? 'true_positive' : 'false_positive', ref];
  for (const ref of wanted) if (!given.has(ref)) yield ['false_negative', ref];
}

/** Stores the truth of predictions, within the transactions of `PredictionWriter`. */
export class FeedbackWriter {
  readonly #names: NameWriter;
  readonly #versions: NameTable;
  readonly #rollups: RollupWriter;
  readonly #select: Statement<[Buffer], AnsweredRow>;
  readonly #update: Statement<[number, Buffer | null, Buffer]>;

  constructor(database: Database, names: NameWriter, rollups: RollupWriter) {
    this.#names = names;
    this.#versions = new NameTable(database);
    this.#rollups = rollups;
    this.#select = database.prepare(`
      SELECT version_ref, class_ref, labels, feedback_ref, feedback_labels, shadow_of
      FROM predictions WHERE id = ?`);
    this.#update = database.prepare(
      'UPDATE predictions SET feedback_ref = ?, feedback_labels = ? WHERE id = ?',
    );
  }

  /** @returns the labels as the model spells them
   * @throws FoveaError `not_found`, `bad_request` */
  write(key: Buffer, truth: Truth): ToldTruth {
    const row = this.#select.get(key);
    if (row === undefined) throw new FoveaError('not_found', 'There is no such prediction.');
    requireAnswer(row);
    const version = this.#versions.version(row.version_ref ?? 0) ?? { model: '', version: 0, labels: [] };
    if (row.labels === null) {
      if ('label' in truth) return { label: this.#writeOne(key, row, truth.label, version) };
      throw new FoveaError('bad_request', 'This model gives one class an image: send `label`.');
    }
    if ('labels' in truth)
      return { labels: this.#writeSeveral(key, row, row.labels, { told: truth.labels, version }) };
    throw new FoveaError('bad_request', 'This model gives several labels: send `labels`, all true ones.');
  }

  #writeOne(key: Buffer, row: AnsweredRow, told: string | number, version: AnsweringVersion): string {
    const label = version.labels[indicesOf([told], version)[0] ?? -1] ?? '';
    const ref = this.#names.classRef(label);
    this.#update.run(ref, null, key);
    this.#rollups.addFeedback(this.#placeOf(key, row), {
      labelled: row.feedback_ref === null ? 1 : 0,
      correct: Number(ref === row.class_ref) - Number(row.feedback_ref === row.class_ref),
    });
    return label;
  }

  #writeSeveral(
    key: Buffer,
    row: AnsweredRow,
    labels: Buffer,
    { told, version }: { readonly told: readonly (string | number)[]; readonly version: AnsweringVersion },
  ): string[] {
    const indices = [...new Set(indicesOf(told, version))].toSorted((a, b) => a - b);
    const names = indices.map((index) => version.labels[index] ?? '');
    const truth = names.map((name) => this.#names.classRef(name));
    const answered = unpackRefs(labels);
    const earlier = row.feedback_labels === null ? undefined : unpackRefs(row.feedback_labels);
    this.#update.run(SEVERAL, packRefs(truth), key);
    const place = this.#placeOf(key, row);
    const isRight = (refs: readonly number[] | undefined) => refs !== undefined && isSameSet(answered, refs);
    this.#rollups.addFeedback(place, {
      labelled: earlier === undefined ? 1 : 0,
      correct: Number(isRight(truth)) - Number(isRight(earlier)),
    });
    for (const [kind, ref] of judge(answered, truth)) this.#rollups.addJudgement(place, kind, ref, 1);
    if (earlier === undefined) return names;
    for (const [kind, ref] of judge(answered, earlier)) this.#rollups.addJudgement(place, kind, ref, -1);
    return names;
  }

  #placeOf(key: Buffer, { version_ref: versionRef }: AnsweredRow) {
    return { timeMs: timeMsOf(key), versionRef: versionRef ?? 0 };
  }
}
