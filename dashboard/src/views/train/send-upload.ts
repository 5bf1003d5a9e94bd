import { errorOf, FoveaError } from '../../../../clients/typescript/src/errors.js';
import { accessKey, server } from '../../state/server.js';
import { isArchive, type LabelledFile } from './upload-files.js';

export interface Added {
  readonly files_saved: number;
  readonly duplicates: number;
  readonly new_labels: readonly string[];
}

function isAdded(value: unknown): value is Added {
  return typeof value === 'object' && value !== null && 'files_saved' in value && 'new_labels' in value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function bodyOf(files: readonly LabelledFile[]): FormData {
  const form = new FormData();
  for (const { file, label } of files) {
    form.append('files', file, file.name);
    if (!isArchive(file)) form.append('labels', label);
  }
  return form;
}

/** Sends labelled images, or an archive. `fetch` does not tell how much of a body was sent, XMLHttpRequest does.
 * @param onProgress 0..1
 * @throws FoveaError (as rejection) */
export function sendUpload(
  model: string,
  files: readonly LabelledFile[],
  onProgress: (share: number) => void,
): Promise<Added> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', server.value.uploadUrl(model));
    if (accessKey.value !== '') request.setRequestHeader('Authorization', `Bearer ${accessKey.value}`);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onerror = () =>
      reject(new FoveaError('The upload was cut off.', { status: 0, code: 'connection_failed' }));
    request.onload = () => {
      const answer = parse(request.responseText);
      if (request.status < 300 && isAdded(answer)) resolve(answer);
      else reject(errorOf(request.status, answer));
    };
    request.send(bodyOf(files));
  });
}
