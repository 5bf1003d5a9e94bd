import type { LabelledImages } from '../datasets/labelled-images.js';
import type { MultiLabelMistake } from './evaluation.js';
import { type MistakeOptions, thumbnailOf } from './mistakes.js';
import type { MultiLabelAnswers } from './multi-label-metrics.js';

interface Wrong {
  readonly image: number;
  readonly answered: readonly number[];
  readonly confidence: number;
}

/** @returns undefined where the image has exactly the true labels */
function wrongOf(answers: MultiLabelAnswers, image: number, truth: ReadonlySet<number>): Wrong | undefined {
  const { labels, thresholds, probabilities } = answers;
  const answered: number[] = [];
  let confidence = 0;
  let isWrong: boolean = false;
  for (let label = 0; label < labels.length; label++) {
    const probability = probabilities[image * labels.length + label] ?? 0;
    const isAnswered = probability >= (thresholds[label] ?? 1);
    if (isAnswered) answered.push(label);
    if (isAnswered === truth.has(label)) continue;
    isWrong = true;
    confidence = Math.max(confidence, isAnswered ? probability : 1 - probability);
  }
  return isWrong ? { image, answered, confidence } : undefined;
}

/** The images with a wrong label whose probability is farthest from the truth. */
export function worstMultiLabelMistakes(
  answers: MultiLabelAnswers,
  images: LabelledImages,
  { input, labels, wanted }: MistakeOptions,
): Promise<MultiLabelMistake[]> {
  const namesOf = (indices: Iterable<number>) => Array.from(indices, (index) => labels[index] ?? '');
  const worst = answers.truth
    .flatMap((truth, image) => wrongOf(answers, image, truth) ?? [])
    .toSorted((a, b) => b.confidence - a.confidence)
    .slice(0, wanted);
  return Promise.all(
    worst.map(async ({ image, answered, confidence }) => ({
      true_labels: namesOf(answers.truth[image] ?? []),
      predicted_labels: namesOf(answered),
      confidence,
      thumbnail: await thumbnailOf(images.row(image), input),
    })),
  );
}
