import { errorOf, FoveaError } from '../../../clients/typescript/src/errors.js';
import { strings } from '../strings.js';
import { accessKey } from './server.js';

interface FormToSend<Answer> {
  readonly url: string;
  readonly form: FormData;
  readonly isAnswer: (value: unknown) => value is Answer;
  /** @param share 0..1 */
  readonly onProgress: (share: number) => void;
  readonly signal?: AbortSignal;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Sends a form with files. `fetch` does not tell how much of a body was sent, XMLHttpRequest does.
 * @throws FoveaError (as rejection) */
export function sendForm<Answer>(sent: FormToSend<Answer>): Promise<Answer> {
  const { url, form, isAnswer, onProgress, signal } = sent;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    if (accessKey.value !== '') request.setRequestHeader('Authorization', `Bearer ${accessKey.value}`);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    const fail = (): void =>
      reject(new FoveaError(strings.errors.cutOff, { status: 0, code: 'connection_failed' }));
    request.onerror = fail;
    request.onabort = fail;
    request.onload = () => {
      const answer = parse(request.responseText);
      if (request.status < 300 && isAnswer(answer)) resolve(answer);
      else reject(errorOf(request.status, answer));
    };
    signal?.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}
