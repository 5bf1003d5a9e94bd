import { computed, effect, signal } from '@preact/signals';
import type { Model } from '../../../clients/typescript/src/answers/models.js';
import type { Health } from '../../../clients/typescript/src/answers/server.js';
import { accessKey, server } from './server.js';

const HEALTH_MS = 5000;

/** Undefined until the server has answered, and while it does not answer. */
export const health = signal<Health | undefined>(undefined);
export const isReachable = signal(true);
export const models = signal<readonly Model[]>([]);

/** '' for the default model. */
export const chosenModel = signal('');

export const currentModel = computed(
  () =>
    models.value.find(({ model }) => model === chosenModel.value) ??
    models.value.find(({ is_default }) => is_default) ??
    models.value[0],
);

export const modelName = computed(() => currentModel.value?.model ?? health.value?.model?.name ?? '');

export async function refreshModels(): Promise<void> {
  models.value = await server.value.models();
}

async function refreshHealth(): Promise<void> {
  try {
    health.value = await server.value.health();
    isReachable.value = true;
  } catch {
    isReachable.value = false;
  }
}

/** Follows the state of the server while the page is visible. */
export function watchServer(): void {
  const look = (): void => {
    if (document.visibilityState === 'visible') void refreshHealth();
  };
  look();
  setInterval(look, HEALTH_MS);
  document.addEventListener('visibilitychange', look);
  effect(() => {
    // A new key may show more.
    void accessKey.value;
    refreshModels().catch(() => undefined);
  });
  let known = '';
  effect(() => {
    const active = JSON.stringify(
      health.value?.models.map(({ name, active_version }) => [name, active_version]),
    );
    if (known !== '' && active !== known && health.value !== undefined)
      refreshModels().catch(() => undefined);
    known = health.value === undefined ? known : active;
  });
}
