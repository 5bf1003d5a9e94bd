import { sendForm } from '../../state/send-form.js';
import { server } from '../../state/server.js';
import { isArchive, type LabelledFile } from './upload-files.js';

export interface Added {
  readonly files_saved: number;
  readonly duplicates: number;
  readonly new_labels: readonly string[];
}

function isAdded(value: unknown): value is Added {
  return typeof value === 'object' && value !== null && 'files_saved' in value && 'new_labels' in value;
}

function formOf(files: readonly LabelledFile[]): FormData {
  const form = new FormData();
  for (const { file, label } of files) {
    form.append('files', file, file.name);
    if (!isArchive(file)) form.append('labels', label);
  }
  return form;
}

/** Sends labelled images, or an archive.
 * @param onProgress 0..1
 * @throws FoveaError (as rejection) */
export function sendUpload(
  model: string,
  files: readonly LabelledFile[],
  onProgress: (share: number) => void,
): Promise<Added> {
  return sendForm({ url: server.value.uploadUrl(model), form: formOf(files), isAnswer: isAdded, onProgress });
}
