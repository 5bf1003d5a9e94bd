import { effect, signal } from '@preact/signals';
import { modelName } from './models.js';
import { server } from './server.js';

/** Classes of the chosen model; none before it is loaded. */
export const labels = signal<readonly string[]>([]);

/** Follows the chosen model. */
export function watchLabels(): void {
  effect(() => {
    const model = modelName.value;
    if (model === '') return;
    server.value.modelInfo({ model }).then(
      ({ class_names }) => {
        if (modelName.peek() === model) labels.value = class_names;
      },
      () => {
        labels.value = [];
      },
    );
  });
}
