import { createHash } from 'node:crypto';
import { FoveaError } from '../../platform/errors.js';
import type { Chart, ChartKind } from './chart.js';

/** A chart that has data. */
export interface ListedPicture {
  readonly name: string;
  readonly filename: string;
}

export interface Picture {
  readonly png: Uint8Array;
  /** Hash of the chart's data. */
  readonly digest: string;
}

/** The charts, as the fronts serve them. */
export interface Gallery {
  /** Charts that have data. */
  list(): Promise<readonly ListedPicture[]>;
  /** @throws FoveaError `not_found` */
  byFilename(filename: string): Promise<Picture>;
}

/** The current data of each chart; undefined while there is none. */
export type ChartSources = Readonly<Record<ChartKind, () => Promise<Chart | undefined>>>;

export interface PicturesOptions {
  readonly sources: ChartSources;
  readonly draw: (chart: Chart) => Promise<Uint8Array>;
}

const KINDS: readonly ChartKind[] = [
  'confusion_matrix',
  'training_curves',
  'class_distribution',
  'calibration',
  'confidence_histogram',
  'drift_over_time',
];

/** `training_curves` → `Training Curves` */
function titleOf(kind: ChartKind): string {
  return kind
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

function filenameOf(kind: ChartKind): string {
  return `${kind}.png`;
}

/** Draws each chart once, and again when its data has changed. */
export class ChartCache implements Gallery {
  readonly #options: PicturesOptions;
  readonly #drawn = new Map<ChartKind, Picture>();
  readonly #drawing = new Map<ChartKind, Promise<Picture>>();

  constructor(options: PicturesOptions) {
    this.#options = options;
  }

  /** Charts that have data. */
  async list(): Promise<ListedPicture[]> {
    const listed = await Promise.all(
      KINDS.map(async (kind) => {
        const chart = await this.#options.sources[kind]();
        return chart === undefined ? [] : [{ name: titleOf(kind), filename: filenameOf(kind) }];
      }),
    );
    return listed.flat();
  }

  /** @throws FoveaError `not_found` */
  async byFilename(filename: string): Promise<Picture> {
    const kind = KINDS.find((candidate) => filenameOf(candidate) === filename);
    const chart = kind && (await this.#options.sources[kind]());
    if (kind === undefined || chart === undefined) {
      throw new FoveaError(
        'not_found',
        'There is no such picture (now): GET /api/visualizations lists them.',
      );
    }
    const digest = createHash('sha256').update(JSON.stringify(chart)).digest('hex').slice(0, 32);
    const drawn = this.#drawn.get(kind);
    if (drawn?.digest === digest) return drawn;
    // Concurrent requests for a chart share one drawing, also when its data changes meanwhile.
    const drawing = this.#drawing.get(kind) ?? this.#draw(kind, chart, digest);
    this.#drawing.set(kind, drawing);
    return drawing;
  }

  async #draw(kind: ChartKind, chart: Chart, digest: string): Promise<Picture> {
    try {
      const picture = { png: await this.#options.draw(chart), digest };
      this.#drawn.set(kind, picture);
      return picture;
    } finally {
      this.#drawing.delete(kind);
    }
  }
}
