import type { Client } from 'pg';
import type { Link } from '../../../platform/postgres/link.js';
import type { Comparison, ComparisonQuery } from '../history.js';
import { firstIdAt } from '../prediction-id.js';
import { figuresOf, MAX_SAMPLE, type SampleRow } from '../version-figures.js';
import type { PostgresNames } from './names.js';

/** Of the rows `s`, and of the rows `p` that hold the feedback. */
const COLUMNS = `s.class_ref AS "classRef", s.labels, s.confidence, s.prediction_us AS "predictionUs",
  s.error_code AS "errorCode", p.feedback_ref AS "feedbackRef", p.feedback_labels AS "feedbackLabels"`;
const SINCE = 's.version_ref = ANY($1) AND s.id >= $2';

const RETURNED = `
  SELECT ${COLUMNS}, NULL AS "returnedRef", NULL AS "returnedLabels"
  FROM fovea.predictions s JOIN fovea.predictions p USING (id)
  WHERE ${SINCE} AND s.shadow_of IS NULL ORDER BY s.id DESC LIMIT $3`;
const SHADOWS = `
  SELECT ${COLUMNS}, p.class_ref AS "returnedRef", p.labels AS "returnedLabels"
  FROM fovea.predictions s LEFT JOIN fovea.predictions p ON p.id = s.shadow_of
  WHERE ${SINCE} AND s.shadow_of IS NOT NULL ORDER BY s.id DESC LIMIT $3`;

interface Version {
  readonly refs: readonly number[];
  readonly isShadow: boolean;
  /** Oldest id. */
  readonly since: string;
}

/** Compares versions by their rows, because sums per minute contain neither percentiles nor shadows. */
export class ComparisonReader {
  readonly #names: PostgresNames;

  constructor(names: PostgresNames) {
    this.#names = names;
  }

  compare(link: Link, { model, versions, from }: ComparisonQuery): Promise<Comparison> {
    const since = firstIdAt(Date.parse(from));
    return link.read(async (client) => {
      const compared: Comparison[number][] = [];
      for (const { version, is_shadow: isShadow } of versions) {
        const refs = (await this.#names.versionRefs(client, { model, version })) ?? [];
        const wanted = { refs, isShadow, since };
        const requests = await this.#count(client, wanted);
        const rows = await this.#sample(client, wanted);
        const labelOf = (ref: number): string => this.#names.labelOf(ref);
        compared.push({ version, requests, ...figuresOf(rows, { isShadow, labelOf }) });
      }
      return compared;
    });
  }

  async #count(client: Client, { refs, isShadow, since }: Version): Promise<number> {
    const which = isShadow ? 'IS NOT NULL' : 'IS NULL';
    const { rows } = await client.query<{ requests: number }>(
      `SELECT count(*) AS requests FROM fovea.predictions s WHERE ${SINCE} AND s.shadow_of ${which}`,
      [refs, since],
    );
    return rows[0]?.requests ?? 0;
  }

  async #sample(client: Client, { refs, isShadow, since }: Version): Promise<SampleRow[]> {
    const sql = isShadow ? SHADOWS : RETURNED;
    const { rows } = await client.query<SampleRow>(sql, [refs, since, MAX_SAMPLE]);
    const classes = rows.flatMap((row) => row.labels ?? row.classRef);
    await this.#names.load(client, { versions: [], classes });
    return rows;
  }
}
