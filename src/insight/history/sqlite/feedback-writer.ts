import type { Database, Statement } from 'better-sqlite3';
import { FoveaError } from '../../../platform/errors.js';
import { effectOf } from '../feedback.js';
import { fromKey, timeMsOf } from '../prediction-id.js';
import type { ToldTruth, Truth } from '../truth.js';
import { NameTable, type NameWriter } from './names.js';
import { packRefs, unpackRefs } from './packed-refs.js';
import type { RollupWriter } from './rollup-writer.js';

interface Row {
  readonly version_ref: number | null;
  readonly class_ref: number | null;
  readonly labels: Buffer | null;
  readonly feedback_ref: number | null;
  readonly feedback_labels: Buffer | null;
  readonly shadow_of: Buffer | null;
}

/** Stores the truth of predictions, within the transactions of `PredictionWriter`. */
export class FeedbackWriter {
  readonly #names: NameWriter;
  readonly #versions: NameTable;
  readonly #rollups: RollupWriter;
  readonly #select: Statement<[Buffer], Row>;
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
    const versionRef = row.version_ref ?? 0;
    const answered = {
      classRef: row.class_ref,
      labels: row.labels && unpackRefs(row.labels),
      feedbackRef: row.feedback_ref,
      feedbackLabels: row.feedback_labels && unpackRefs(row.feedback_labels),
      shadowOf: row.shadow_of && fromKey(row.shadow_of),
    };
    const { told, feedbackRef, feedbackLabels, change } = effectOf(answered, truth, {
      version: this.#versions.version(versionRef) ?? { model: '', version: 0, labels: [] },
      refOf: (label) => this.#names.classRef(label),
    });
    this.#update.run(feedbackRef, feedbackLabels && packRefs(feedbackLabels), key);
    this.#rollups.sums.addFeedback({ timeMs: timeMsOf(key), versionRef }, change);
    return told;
  }
}
