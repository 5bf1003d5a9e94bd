import type { ImageStatistics } from '../drift/input-statistics.js';
import type { AnsweringVersion, PredictionRecord } from './history.js';

/** Numbers per row; `writeNumbers` defines their order. NaN means null. */
const NUMBERS = 19;
/** Texts per row. */
const TEXTS = 8;

/**
 * Rows in transfer to the writer, as columns: cloning 512 objects for another thread would block the event loop ten
 * times as long (`bench/history.bench.ts`).
 */
export interface RowGroup {
  readonly rows: number;
  /** float64 `[rows, NUMBERS]`; transferred to the writer. */
  readonly numbers: Float64Array<ArrayBuffer>;
  /** `[rows, TEXTS]` */
  readonly texts: readonly (string | null)[];
  /** Probabilities of all rows, concatenated, each followed by `classes` and `labels` of its row; transferred to the writer. */
  readonly probabilities: Float32Array<ArrayBuffer>;
  /** Versions that no earlier group described; rows refer to them by number. */
  readonly newVersions: readonly string[];
  /** Number of the first of them. */
  readonly firstNewVersion: number;
}

/** One row, unpacked by the writer. Times are integer microseconds. */
export interface GroupRow {
  readonly id: string;
  readonly requestId: string | null;
  /** Number of the version. */
  readonly version: number | null;
  readonly classIndex: number | null;
  readonly confidence: number | null;
  readonly probabilities: Float32Array;
  /** Which classes the probabilities are of; null for all. */
  readonly classes: readonly number[] | null;
  /** Classes that the answer of a `multi` model lists; null for others. */
  readonly labels: readonly number[] | null;
  /** Null unless the image was kept. */
  readonly margin: number | null;
  readonly entropy: number | null;
  readonly distance: number | null;
  readonly queueUs: number | null;
  readonly decodeUs: number | null;
  readonly inferenceUs: number | null;
  readonly predictionUs: number | null;
  readonly source: string;
  readonly imageSha256: string | null;
  readonly imageWidth: number | null;
  readonly imageHeight: number | null;
  readonly imageFormat: string | null;
  readonly inputStatistics: ImageStatistics | null;
  readonly clientHash: string | null;
  readonly errorCode: string | null;
  readonly shadowOf: string | null;
}

function toMicroseconds(ms: number | null): number {
  return ms === null ? Number.NaN : Math.round(ms * 1000);
}

/** Writes the numbers of a row from place `at` on. `toGroup` sets the first one: the number of the version. */
function writeNumbers(row: PredictionRecord, out: Float64Array, at: number): void {
  const { answer, inputStatistics, reviewScores } = row;
  out[at] = Number.NaN;
  out[at + 1] = answer?.classIndex ?? Number.NaN;
  out[at + 2] = answer?.confidence ?? Number.NaN;
  out[at + 3] = answer?.probabilities.length ?? 0;
  out[at + 4] = toMicroseconds(row.queueMs);
  out[at + 5] = toMicroseconds(row.decodeMs);
  out[at + 6] = toMicroseconds(row.inferenceMs);
  out[at + 7] = toMicroseconds(row.predictionMs);
  out[at + 8] = row.imageWidth ?? Number.NaN;
  out[at + 9] = row.imageHeight ?? Number.NaN;
  out[at + 10] = inputStatistics?.brightness ?? Number.NaN;
  out[at + 11] = inputStatistics?.contrast ?? Number.NaN;
  out[at + 12] = inputStatistics?.saturation ?? Number.NaN;
  out[at + 13] = inputStatistics?.sharpness ?? Number.NaN;
  out[at + 14] = answer?.classes?.length ?? 0;
  out[at + 15] = answer?.labels?.length ?? Number.NaN;
  out[at + 16] = reviewScores?.margin ?? Number.NaN;
  out[at + 17] = reviewScores?.entropy ?? Number.NaN;
  out[at + 18] = reviewScores?.distance ?? Number.NaN;
}

/** Room at first; it doubles. */
const FIRST_ROWS = 32;

type Answer = NonNullable<PredictionRecord['answer']>;

function lengthOf({ probabilities, classes, labels }: Answer): number {
  return probabilities.length + (classes?.length ?? 0) + (labels?.length ?? 0);
}

/** Rows that wait for their group to be sent. They are packed at once: as objects, a hundred milliseconds of them outlive every
 * minor collection, which took 8 µs a prediction of the main thread at 64 connections (`bench/main-thread.bench.ts`). */
export class PackedRows {
  readonly #versions: (AnsweringVersion | null)[] = [];
  readonly #texts: (string | null)[] = [];
  #numbers = new Float64Array(FIRST_ROWS * NUMBERS);
  #probabilities = new Float32Array(0);
  #probabilitiesEnd = 0;

  get length(): number {
    return this.#versions.length;
  }

  /** Copies the row. */
  add(row: PredictionRecord): void {
    const at = this.length * NUMBERS;
    if (at === this.#numbers.length) {
      const numbers = new Float64Array(2 * at);
      numbers.set(this.#numbers);
      this.#numbers = numbers;
    }
    writeNumbers(row, this.#numbers, at);
    const { id, requestId, source, imageSha256, imageFormat, clientHash, errorCode, shadowOf } = row;
    this.#texts.push(
      id,
      requestId,
      source,
      imageSha256,
      imageFormat,
      clientHash,
      errorCode,
      shadowOf ?? null,
    );
    this.#versions.push(row.version);
    if (row.answer !== null) this.#addAnswer(row.answer);
  }

  /** A copy, because a group that could not be written is sent again.
   * @param numberOf number of a version */
  toGroup(
    numberOf: (version: AnsweringVersion) => number,
  ): Omit<RowGroup, 'newVersions' | 'firstNewVersion'> {
    const numbers = this.#numbers.slice(0, this.length * NUMBERS);
    this.#versions.forEach((version, row) => {
      if (version !== null) numbers[row * NUMBERS] = numberOf(version);
    });
    const probabilities = this.#probabilities.slice(0, this.#probabilitiesEnd);
    return { rows: this.length, numbers, texts: this.#texts, probabilities };
  }

  #addAnswer(answer: Answer): void {
    const { probabilities, classes, labels } = answer;
    const first = this.#probabilitiesEnd;
    const end = first + lengthOf(answer);
    if (end > this.#probabilities.length) {
      const grown = new Float32Array(Math.max(end, 2 * this.#probabilities.length));
      grown.set(this.#probabilities);
      this.#probabilities = grown;
    }
    this.#probabilities.set(probabilities, first);
    if (classes !== undefined) this.#probabilities.set(classes, first + probabilities.length);
    if (labels !== undefined) this.#probabilities.set(labels, end - labels.length);
    this.#probabilitiesEnd = end;
  }
}

/** Yields the rows of a group in packing order. */
export function* unpackGroup({ rows, numbers, texts, probabilities }: RowGroup): Generator<GroupRow> {
  let offset = 0;
  for (let row = 0; row < rows; row++) {
    const number = (place: number): number | null => {
      const value = numbers[row * NUMBERS + place];
      return value === undefined || Number.isNaN(value) ? null : value;
    };
    const text = (place: number): string | null => texts[row * TEXTS + place] ?? null;
    const classesAt = offset + (number(3) ?? 0);
    const labelsAt = classesAt + (number(14) ?? 0);
    const labels = number(15);
    const end = labelsAt + (labels ?? 0);
    const brightness = number(10);
    yield {
      version: number(0),
      classIndex: number(1),
      confidence: number(2),
      probabilities: probabilities.subarray(offset, classesAt),
      classes: labelsAt === classesAt ? null : [...probabilities.subarray(classesAt, labelsAt)],
      labels: labels === null ? null : [...probabilities.subarray(labelsAt, end)],
      margin: number(16),
      entropy: number(17),
      distance: number(18),
      queueUs: number(4),
      decodeUs: number(5),
      inferenceUs: number(6),
      predictionUs: number(7),
      imageWidth: number(8),
      imageHeight: number(9),
      inputStatistics:
        brightness === null
          ? null
          : {
              brightness,
              contrast: number(11) ?? 0,
              saturation: number(12) ?? 0,
              sharpness: number(13) ?? 0,
            },
      id: text(0) ?? '',
      requestId: text(1),
      source: text(2) ?? '',
      imageSha256: text(3),
      imageFormat: text(4),
      clientHash: text(5),
      errorCode: text(6),
      shadowOf: text(7),
    };
    offset = end;
  }
}
