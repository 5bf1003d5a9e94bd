import { z } from 'zod';

/** The part of a network that a training changes: a new head, the last layers, all layers; `auto` chooses by the data. */
export const learnSchema = z.string().regex(/^(auto|head|all|last:[1-9]\d?)$/, {
  error: 'Give auto, head, last:<layers> with 1 to 99 layers, or all.',
});

/** Layers that `last:<layers>` names; undefined for other parts. */
export function layersToLearn(learn: string): number | undefined {
  return learn.startsWith('last:') ? Number(learn.slice('last:'.length)) : undefined;
}
