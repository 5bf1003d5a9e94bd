import type { Registry } from 'prom-client';
import { type HistogramTally, TallyHistogram } from './tally.js';

/** Buckets of the time from a request to its answer. */
const REQUEST_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Options {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly registry: Registry;
}

/** Times of requests by one label. Each series is looked up once, so that a request allocates no labels. */
export class RequestTimes {
  readonly #seconds: TallyHistogram;
  readonly #series = new Map<string, HistogramTally>();

  constructor({ name, help, label, registry }: Options) {
    const registers = [registry];
    this.#seconds = new TallyHistogram({
      name,
      help,
      labelNames: [label],
      buckets: REQUEST_SECONDS,
      registers,
    });
  }

  /** @param value of the label @param traceId of a sampled request, which becomes the exemplar of its bucket */
  observe(value: string, seconds: number, traceId: string | undefined): void {
    let series = this.#series.get(value);
    if (series === undefined) {
      series = this.#seconds.tally(value);
      this.#series.set(value, series);
    }
    series.observe(seconds, traceId);
  }
}
