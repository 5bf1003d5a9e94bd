import { type ModelOutput, thresholdOf } from '../../repository/model-output.js';

/** How right an answer is, 0..1. @param outputs of the network for one image, without the dropped ones */
export type AnswerScore = (outputs: Float32Array) => number;

/** 1 where the class has the highest output, else 0. */
export function scoreOfClass(classIndex: number): AnswerScore {
  return (outputs) => (outputs.indexOf(Math.max(...outputs)) === classIndex ? 1 : 0);
}

/**
 * The number of labels that are true and answered, divided by the number that are true or answered. A rare label counts as much as a
 * common one.
 * @source Godbole and Sarawagi, "Discriminative Methods for Multi-labeled Classification" (2004), section 4: accuracy
 */
export function scoreOfLabels(truth: ReadonlySet<number>, output: ModelOutput): AnswerScore {
  const probabilityOf = (number: number) =>
    output.activation === 'sigmoid' ? 1 / (1 + Math.exp(-number)) : number;
  return (outputs) => {
    let both = 0;
    let either = truth.size;
    for (const [index, number] of outputs.entries()) {
      if (probabilityOf(number) < thresholdOf(output, index)) continue;
      if (truth.has(index)) both++;
      else either++;
    }
    return either === 0 ? 1 : both / either;
  };
}
