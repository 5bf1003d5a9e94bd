import type { Client } from 'pg';
import type { PredictionFilter } from '../history.js';
import { firstIdAt } from '../prediction-id.js';
import type { PostgresNames } from './names.js';

type Value = string | number | readonly number[];

/** SQL conditions and the values of their placeholders. */
export class Where {
  readonly #conditions: string[] = [];
  readonly values: Value[] = [];

  /** @param condition has `?` for the value */
  add(condition: string, value: Value | undefined): this {
    if (value === undefined) return this;
    this.#conditions.push(condition.replace('?', this.valueOf(value)));
    return this;
  }

  addPlain(condition: string): this {
    this.#conditions.push(condition);
    return this;
  }

  /** @returns the placeholder */
  valueOf(value: Value): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  get sql(): string {
    return this.#conditions.length === 0 ? '' : `WHERE ${this.#conditions.join(' AND ')}`;
  }
}

/** Answers of one of the classes, and answers that list one among several labels.
 * @param refs placeholder of the classes */
export function isOfClass(refs: string): string {
  const isListed = `EXISTS (SELECT FROM fovea.answered_labels a WHERE a.class_ref = ANY(${refs}) AND a.id = p.id)`;
  return `(p.class_ref = ANY(${refs}) AND p.labels IS NULL OR ${isListed})`;
}

function firstAt(time: string | undefined): string | undefined {
  return time === undefined ? undefined : firstIdAt(Date.parse(time));
}

/** Conditions on every row, all filters but `class`.
 * @param before finds only rows with ids older than this
 * @returns adds them to a `Where` */
export async function conditionsOf(
  client: Client,
  { filter, before, names }: { filter: PredictionFilter; before: string | undefined; names: PostgresNames },
): Promise<(where: Where) => Where> {
  const versions = await names.versionRefs(client, filter);
  const { has_feedback: hasFeedback } = filter;
  return (where) => {
    where
      .add('p.id < ?', before)
      .add('p.id >= ?', firstAt(filter.from))
      .add('p.id < ?', firstAt(filter.to))
      .add('p.version_ref = ANY(?)', versions)
      .add('p.confidence >= ?', filter.min_confidence)
      .add('p.confidence <= ?', filter.max_confidence)
      .add('p.source = ?', filter.source);
    if (hasFeedback !== undefined) where.addPlain(`p.feedback_ref IS ${hasFeedback ? 'NOT NULL' : 'NULL'}`);
    return where;
  };
}
