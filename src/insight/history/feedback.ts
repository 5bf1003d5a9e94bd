import { FoveaError } from '../../platform/errors.js';
import { labelFinder } from '../../platform/match-label.js';
import type { AnsweringVersion } from './history.js';
import type { FeedbackChange, FeedbackKind } from './rollup-sums.js';
import { isSameSet } from './same-set.js';
import type { ToldTruth, Truth } from './truth.js';

/** A stored prediction, as far as feedback needs it. */
export interface AnsweredRow {
  readonly classRef: number | null;
  /** Of an answer of several labels; null for others. */
  readonly labels: readonly number[] | null;
  readonly feedbackRef: number | null;
  readonly feedbackLabels: readonly number[] | null;
  /** Id of the returned prediction, for a shadow's answer. */
  readonly shadowOf: string | null;
}

/** What feedback changes in the history. */
export interface FeedbackEffect {
  /** The labels as the model spells them. */
  readonly told: ToldTruth;
  /** The new values of the row. */
  readonly feedbackRef: number;
  readonly feedbackLabels: readonly number[] | null;
  readonly change: FeedbackChange;
}

interface Told {
  readonly version: AnsweringVersion;
  readonly refOf: (label: string) => number;
}

/** `feedbackRef` of a row whose truth is in `feedbackLabels`. */
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
  if (row.classRef === null)
    throw new FoveaError('bad_request', 'This prediction failed: it has no answer to correct.');
  if (row.shadowOf === null) return;
  const message = 'A shadow gave this answer: tell the label of the one that was returned.';
  throw new FoveaError('bad_request', message, { details: { prediction_id: row.shadowOf } });
}

/** How each label of an answer or of the truth counts. */
function* judge(answered: readonly number[], truth: readonly number[]): Generator<[FeedbackKind, number]> {
  const [given, wanted] = [new Set(answered), new Set(truth)];
  for (const ref of given) yield [wanted.has(ref) ? 'true_positive' : 'false_positive', ref];
  for (const ref of wanted) if (!given.has(ref)) yield ['false_negative', ref];
}

function ofOneClass(row: AnsweredRow, label: string | number, { version, refOf }: Told): FeedbackEffect {
  const name = version.labels[indicesOf([label], version)[0] ?? -1] ?? '';
  const ref = refOf(name);
  return {
    told: { label: name },
    feedbackRef: ref,
    feedbackLabels: null,
    change: {
      labelled: row.feedbackRef === null ? 1 : 0,
      correct: Number(ref === row.classRef) - Number(row.feedbackRef === row.classRef),
      judgements: [],
    },
  };
}

function ofSeveral(
  row: AnsweredRow & { readonly labels: readonly number[] },
  labels: readonly (string | number)[],
  { version, refOf }: Told,
): FeedbackEffect {
  const indices = [...new Set(indicesOf(labels, version))].toSorted((a, b) => a - b);
  const names = indices.map((index) => version.labels[index] ?? '');
  const truth = names.map(refOf);
  const { labels: answered, feedbackLabels: earlier } = row;
  const isRight = (refs: readonly number[] | null) => refs !== null && isSameSet(answered, refs);
  const count = (refs: readonly number[], times: number) =>
    [...judge(answered, refs)].map(([kind, ref]) => [kind, ref, times] as const);
  return {
    told: { labels: names },
    feedbackRef: SEVERAL,
    feedbackLabels: truth,
    change: {
      labelled: earlier === null ? 1 : 0,
      correct: Number(isRight(truth)) - Number(isRight(earlier)),
      judgements: [...count(truth, 1), ...(earlier === null ? [] : count(earlier, -1))],
    },
  };
}

/** @param version that answered
 * @param refOf ref of a label of the version
 * @throws FoveaError `bad_request` */
export function effectOf(row: AnsweredRow, truth: Truth, told: Told): FeedbackEffect {
  requireAnswer(row);
  const { labels } = row;
  if (labels === null) {
    if ('label' in truth) return ofOneClass(row, truth.label, told);
    throw new FoveaError('bad_request', 'This model gives one class an image: send `label`.');
  }
  if ('labels' in truth) return ofSeveral({ ...row, labels }, truth.labels, told);
  throw new FoveaError('bad_request', 'This model gives several labels: send `labels`, all true ones.');
}
