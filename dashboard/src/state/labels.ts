import { computed, effect, signal } from '@preact/signals';
import type { ModelInfo, Task } from '../../../clients/typescript/src/answers/models.js';
import { currentModel, modelName } from './models.js';
import { server } from './server.js';

interface Answers {
  readonly labels: readonly string[];
  readonly task: Task;
}

const UNKNOWN: Answers = { labels: [], task: 'single' };

const answers = signal(UNKNOWN);

/** Classes of the chosen model; none before it is loaded. */
export const labels = computed(() => answers.value.labels);
/** Whether an image has one class, or several labels. */
export const task = computed(() => answers.value.task);

function answersOf({ class_names, thresholds }: ModelInfo): Answers {
  return { labels: class_names, task: thresholds === undefined ? 'single' : 'multi' };
}

/** Follows the chosen model. */
export function watchLabels(): void {
  const planned = computed(() => currentModel.value?.planned ?? null);
  const versions = computed(() => currentModel.value?.versions.length ?? 0);
  effect(() => {
    const model = modelName.value;
    // A planned model has its first version when the training ends.
    void versions.value;
    if (planned.value !== null) answers.value = planned.value;
    else if (model !== '')
      server.value.modelInfo({ model }).then(
        (info) => {
          if (modelName.peek() === model) answers.value = answersOf(info);
        },
        () => {
          if (modelName.peek() === model) answers.value = UNKNOWN;
        },
      );
  });
}
