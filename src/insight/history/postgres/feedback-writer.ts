import type { Client } from 'pg';
import { FoveaError } from '../../../platform/errors.js';
import type { Link } from '../../../platform/postgres/link.js';
import { effectOf } from '../feedback.js';
import { timeMsOf, toKey } from '../prediction-id.js';
import type { ToldTruth, Truth } from '../truth.js';
import type { PostgresNames } from './names.js';
import { RollupWriter } from './rollup-writer.js';

interface Row {
  readonly version_ref: number | null;
  readonly class_ref: number | null;
  readonly labels: number[] | null;
  readonly feedback_ref: number | null;
  readonly feedback_labels: number[] | null;
  readonly shadow_of: string | null;
}

/** Stores the truth of predictions. */
export class FeedbackWriter {
  readonly #link: Link;
  readonly #names: PostgresNames;
  readonly #rollups = new RollupWriter();

  constructor(link: Link, names: PostgresNames) {
    this.#link = link;
    this.#names = names;
  }

  /** @returns the labels as the model spells them
   * @throws FoveaError `not_found`, `bad_request` */
  write(id: string, truth: Truth): Promise<ToldTruth> {
    const key = toKey(id);
    return this.#link.transact(async (client) => {
      // Feedback on the same prediction by another server waits here.
      const { rows } = await client.query<Row>(
        `SELECT version_ref, class_ref, labels, feedback_ref, feedback_labels, shadow_of
        FROM fovea.predictions WHERE id = $1 FOR UPDATE`,
        [id],
      );
      const [row] = rows;
      if (row === undefined) throw new FoveaError('not_found', 'There is no such prediction.');
      const versionRef = row.version_ref ?? 0;
      const told = await this.#versionOf(client, versionRef);
      const answered = {
        classRef: row.class_ref,
        labels: row.labels,
        feedbackRef: row.feedback_ref,
        feedbackLabels: row.feedback_labels,
        shadowOf: row.shadow_of,
      };
      const effect = effectOf(answered, truth, told);
      await client.query(
        'UPDATE fovea.predictions SET feedback_ref = $1, feedback_labels = $2 WHERE id = $3',
        [effect.feedbackRef, effect.feedbackLabels, id],
      );
      this.#rollups.sums.addFeedback({ timeMs: timeMsOf(key), versionRef }, effect.change);
      await this.#rollups.write(client);
      return effect.told;
    });
  }

  async #versionOf(client: Client, ref: number) {
    await this.#names.load(client, { versions: [ref], classes: [] });
    const version = this.#names.version(ref) ?? { model: '', version: 0, labels: [] };
    const refs = await this.#names.addClasses(client, version.labels);
    return { version, refOf: (label: string) => refs[version.labels.indexOf(label)] ?? 0 };
  }
}
