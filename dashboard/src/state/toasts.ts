import { signal } from '@preact/signals';
import { FoveaError } from '../../../clients/typescript/src/errors.js';
import { strings } from '../strings.js';

export interface Toast {
  readonly id: number;
  readonly kind: 'error' | 'done';
  readonly text: string;
  readonly requestId?: string | undefined;
  /** Whether an access key would help. */
  readonly needsKey: boolean;
}

const SHOWN_MS = 8000;
const MAX_TOASTS = 4;

export const toasts = signal<readonly Toast[]>([]);

/** Whether the dialog for the access key is open. */
export const asksKey = signal(false);

let lastId = 0;

function add(toast: Omit<Toast, 'id'>): void {
  lastId += 1;
  const id = lastId;
  toasts.value = [...toasts.value.slice(1 - MAX_TOASTS), { ...toast, id }];
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function tell(text: string): void {
  add({ kind: 'done', text, needsKey: false });
}

export function needsKey(error: unknown): boolean {
  return error instanceof FoveaError && (error.code === 'unauthenticated' || error.code === 'forbidden');
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : strings.errors.title;
}

/** Shows a failure of something that the user did. */
export function tellError(error: unknown): void {
  const requestId = error instanceof FoveaError ? error.requestId : undefined;
  add({ kind: 'error', text: messageOf(error), requestId, needsKey: needsKey(error) });
}

/** Runs what the user asked for and shows its failure.
 * @returns undefined after a failure */
export async function attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    tellError(error);
    return undefined;
  }
}
