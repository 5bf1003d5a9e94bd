import type {
  StoredPrediction,
  StoredTruth,
  Truth,
} from '../../../clients/typescript/src/answers/history.js';
import { strings } from '../strings.js';

interface Answer {
  readonly predicted_class: string | null;
  /** Of a model of several labels only. */
  readonly labels?: readonly { readonly class: string }[] | undefined;
}

/** What the model said, in the form of feedback. */
export function answerOf({ labels, predicted_class }: Answer): Truth {
  return labels === undefined
    ? { label: predicted_class ?? '' }
    : { labels: labels.map((each) => each.class) };
}

export function storedTruth({ feedback_label: label = '', feedback_labels: labels }: StoredTruth): Truth {
  return labels === undefined ? { label } : { labels };
}

/** @returns undefined without feedback */
export function feedbackOf(prediction: StoredPrediction): Truth | undefined {
  const { feedback_label: label, feedback_labels: labels } = prediction;
  if (labels != null) return { labels };
  return label === null ? undefined : { label };
}

export function withFeedback(prediction: StoredPrediction, truth: Truth): StoredPrediction {
  return 'label' in truth
    ? { ...prediction, feedback_label: truth.label }
    : { ...prediction, feedback_labels: truth.labels };
}

export function textOf(truth: Truth): string {
  if ('label' in truth) return truth.label;
  return truth.labels.length === 0 ? strings.predict.noLabel : truth.labels.join(', ');
}

export function isSame(one: Truth, other: Truth): boolean {
  const namesOf = (truth: Truth): string =>
    'label' in truth ? truth.label : JSON.stringify(truth.labels.toSorted());
  return namesOf(one) === namesOf(other);
}
