import type { Link } from '../../../platform/postgres/link.js';
import {
  ALL_TIME_PLACE,
  type CountRow,
  describeAll,
  describeSeries,
  placeOf,
  type SpanPlace,
  type SpanRows,
  type SumRow,
} from '../describe-statistics.js';
import type { Series, SeriesQuery, Statistics, StatisticsQuery } from '../history.js';
import type { CountKind } from '../rollup-sums.js';
import type { PostgresNames } from './names.js';

const PLACE =
  'WHERE span = $1 AND start >= $2 AND start < $3 AND ($4::integer[] IS NULL OR version_ref = ANY($4))';

/** Kinds of counts whose keys are `classes.ref`. */
const OF_CLASSES: readonly CountKind[] = ['class', 'true_positive', 'false_positive', 'false_negative'];

/** Reads the servers' sums, so that response time does not depend on the number of predictions. */
export class StatisticsReader {
  readonly #names: PostgresNames;

  constructor(names: PostgresNames) {
    this.#names = names;
  }

  async statistics(link: Link, query: StatisticsQuery): Promise<Statistics> {
    return describeAll(await this.#read(link, ALL_TIME_PLACE, query), this.#labelOf);
  }

  async series(link: Link, query: SeriesQuery): Promise<Series> {
    return describeSeries(await this.#read(link, placeOf(query), query), this.#labelOf);
  }

  readonly #labelOf = (ref: number): string => this.#names.labelOf(ref);

  /** One snapshot for both queries. With a commit in between, the classes could add up to more than the total. */
  #read(link: Link, { span, from, to }: SpanPlace, query: StatisticsQuery): Promise<SpanRows> {
    return link.read(async (client) => {
      const versions = await this.#names.versionRefs(client, query);
      const parameters = [span, from, to, versions ?? null];
      const { rows: sums } = await client.query<SumRow>(
        `SELECT start, sum(predictions) AS predictions, sum(errors) AS errors,
          sum(confidence_sum) AS confidence_sum, min(confidence_min) AS confidence_min,
          max(confidence_max) AS confidence_max, sum(timed) AS timed,
          sum(prediction_us_sum) AS prediction_us_sum, sum(labelled) AS labelled,
          sum(labelled_correct) AS labelled_correct
        FROM fovea.rollups ${PLACE} GROUP BY start ORDER BY start`,
        parameters,
      );
      const { rows: counts } = await client.query<CountRow>(
        `SELECT start, kind, key, sum(count) AS count FROM fovea.rollup_counts ${PLACE} GROUP BY start, kind, key`,
        parameters,
      );
      const classes = counts.filter(({ kind }) => OF_CLASSES.includes(kind)).map(({ key }) => Number(key));
      await this.#names.load(client, { versions: [], classes });
      return { sums, counts };
    });
  }
}
