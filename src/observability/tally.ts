import { Counter, type CounterConfiguration, Histogram, type HistogramConfiguration } from 'prom-client';

/*
 * Series that are counted here and read by prom-client at a scrape. prom-client looks a series up by the text of its labels
 * at each observation: six of them took 10 µs of a prediction's 110 µs on the main thread (`bench/main-thread.bench.ts`).
 */

/** An observation that a bucket names; only OpenMetrics shows it. */
interface Exemplar {
  readonly labelSet: { readonly trace_id: string };
  readonly value: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** One series of a histogram. */
export class HistogramTally {
  readonly labels: Readonly<Record<string, string>>;
  readonly #upperBounds: readonly number[];
  /** Observations by bucket, the last one without bound. */
  readonly counts: Float64Array;
  /** By bucket, the newest observation that had a trace. */
  readonly exemplars: (Exemplar | undefined)[] = [];
  sum = 0;

  constructor(labels: Readonly<Record<string, string>>, upperBounds: readonly number[]) {
    this.labels = labels;
    this.#upperBounds = upperBounds;
    this.counts = new Float64Array(upperBounds.length + 1);
  }

  /** @param traceId of a sampled request */
  observe(value: number, traceId?: string): void {
    const bounds = this.#upperBounds;
    let place = 0;
    while (place < bounds.length && value > (bounds[place] ?? 0)) place++;
    this.counts[place] = (this.counts[place] ?? 0) + 1;
    this.sum += value;
    if (traceId !== undefined)
      this.exemplars[place] = { labelSet: { trace_id: traceId }, value, timestamp: Date.now() / 1000 };
  }
}

export interface TallyHistogramOptions
  extends Pick<HistogramConfiguration<string>, 'name' | 'help' | 'labelNames' | 'registers'> {
  /** Ascending. */
  readonly buckets: readonly number[];
}

/** A value as prom-client's histograms give it to their registry. */
interface SampledValue {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly sharedLabels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly metricName: string;
  readonly exemplar?: Exemplar | undefined;
}

/** A histogram whose series are tallies. */
export class TallyHistogram extends Histogram<string> {
  readonly #options: TallyHistogramOptions;
  readonly #tallies: HistogramTally[] = [];

  constructor(options: TallyHistogramOptions) {
    super({ ...options, buckets: [...options.buckets] });
    this.#options = options;
  }

  /** The series of these labels, which no call before may have named. To be looked up once.
   * @param values in the order of `labelNames` */
  tally(...values: readonly string[]): HistogramTally {
    const { labelNames = [], buckets } = this.#options;
    const tally = new HistogramTally(labelled(labelNames, values), buckets);
    this.#tallies.push(tally);
    return tally;
  }

  /** Overrides the method that prom-client's registry and `get` call; its types do not have it (`tally.test.ts`). */
  async getForPromString() {
    const { name, help } = this.#options;
    const values = this.#tallies.flatMap((tally) => this.#valuesOf(tally));
    return { name, help, type: 'histogram', values, aggregator: 'sum' };
  }

  #valuesOf({ labels: sharedLabels, counts, exemplars, sum }: HistogramTally): SampledValue[] {
    const { name, buckets } = this.#options;
    let count = 0;
    const values = [...buckets, '+Inf'].map((le, place) => {
      count += counts[place] ?? 0;
      const exemplar = exemplars[place];
      return { labels: { le }, sharedLabels, value: count, metricName: `${name}_bucket`, exemplar };
    });
    return [
      ...values,
      { labels: {}, sharedLabels, value: sum, metricName: `${name}_sum` },
      { labels: {}, sharedLabels, value: count, metricName: `${name}_count` },
    ];
  }
}

/** One series of a counter. */
export class CounterTally {
  readonly labels: Readonly<Record<string, string>>;
  count = 0;

  constructor(labels: Readonly<Record<string, string>>) {
    this.labels = labels;
  }

  inc(): void {
    this.count += 1;
  }
}

/** A counter whose series are tallies. */
export class TallyCounter {
  readonly #labelNames: readonly string[];
  readonly #tallies: CounterTally[] = [];

  constructor(
    configuration: Pick<CounterConfiguration<string>, 'name' | 'help' | 'labelNames' | 'registers'>,
  ) {
    this.#labelNames = configuration.labelNames ?? [];
    const tallies = this.#tallies;
    new Counter({
      ...configuration,
      collect() {
        this.reset();
        for (const { labels, count } of tallies) this.inc(labels, count);
      },
    });
  }

  /** The series of these labels, which no call before may have named. To be looked up once.
   * @param values in the order of `labelNames` */
  tally(...values: readonly string[]): CounterTally {
    const tally = new CounterTally(labelled(this.#labelNames, values));
    this.#tallies.push(tally);
    return tally;
  }
}

function labelled(names: readonly string[], values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, place) => [name, values[place] ?? '']));
}
