import { signal } from '@preact/signals';
import type { ImportReport } from '../../../../../clients/typescript/src/answers/models.js';
import { FoveaError } from '../../../../../clients/typescript/src/errors.js';
import { refreshModels } from '../../../state/models.js';
import { sendForm } from '../../../state/send-form.js';
import { server } from '../../../state/server.js';
import { type FieldValues, type ImportField, isImportField } from './import-fields.js';

export const isOpen = signal(false);
export const files = signal<readonly File[]>([]);
export const values = signal<FieldValues>({});

/** Fields that the server asked for, with their choices where these depend on the model. */
export const asked = signal<ReadonlyMap<ImportField, readonly string[]>>(new Map());

/** 0..1 while the server is sent or tries a model. */
export const sent = signal<number | undefined>(undefined);
export const problem = signal<unknown>(undefined);
export const report = signal<ImportReport | undefined>(undefined);

let running = new AbortController();

export function chooseFiles(chosen: readonly File[]): void {
  files.value = chosen;
  asked.value = new Map();
  problem.value = undefined;
  report.value = undefined;
}

export function setField(field: ImportField, value: string): void {
  values.value = { ...values.value, [field]: value };
}

export function cancelImport(): void {
  running.abort();
}

function isReport(value: unknown): value is ImportReport {
  return typeof value === 'object' && value !== null && 'facts' in value && 'images_per_second' in value;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Fields that were asked before stay, so that an answer can be changed. */
function ask({ details }: FoveaError): void {
  const choices = listOf(details.choices).filter((choice) => typeof choice === 'string');
  const fields = listOf(details.fields).filter(isImportField);
  asked.value = new Map([...asked.value, ...fields.map((field) => [field, choices] as const)]);
}

function formOf(isDryRun: boolean): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(values.value)) if (value.trim() !== '') form.append(name, value);
  form.append('dry_run', String(isDryRun));
  for (const file of files.value) form.append('files', file, file.name);
  return form;
}

/** Sends the chosen files and fields. Its outcome is in `report`, or in `problem` and `asked`. */
export async function runImport(isDryRun: boolean): Promise<void> {
  running = new AbortController();
  const { signal: cancelled } = running;
  problem.value = undefined;
  report.value = undefined;
  sent.value = 0;
  const onProgress = (share: number): void => {
    sent.value = share;
  };
  try {
    const url = server.value.importUrl();
    const form = formOf(isDryRun);
    report.value = await sendForm({ url, form, isAnswer: isReport, onProgress, signal: cancelled });
    if (!isDryRun) await refreshModels().catch(() => undefined);
  } catch (error) {
    if (error instanceof FoveaError && error.code === 'facts_missing') ask(error);
    if (!cancelled.aborted) problem.value = error;
  } finally {
    sent.value = undefined;
  }
}
