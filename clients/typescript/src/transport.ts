import { errorOf, FoveaError } from './errors.js';

export interface ClientOptions {
  /** Address of the server, with its base path if it has one, such as `http://localhost:5000`. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Default: the platform's `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Time limit of one HTTP request. Default 30 000. */
  readonly timeoutMs?: number | undefined;
}

type QueryValue = string | number | boolean | undefined;

export interface Message<Answer> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Parameters that are undefined are left out. */
  readonly query?: Readonly<Record<string, QueryValue>> | undefined;
  readonly body?: Blob | FormData | undefined;
  /** A JSON body, in place of `body`. */
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Checks what callers rely on most: a proxy may answer 200 with a page of its own. */
  readonly isAnswer: (value: unknown) => value is Answer;
}

export function queryOf(values: Readonly<Record<string, QueryValue>> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value));
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** Sends one HTTP request.
 * @returns the response, which is `ok`
 * @throws FoveaError (as rejection) */
export async function fetchFrom(
  { url, apiKey, timeoutMs = 30_000, fetch: send = fetch }: ClientOptions,
  { method, path, query, body, json, headers, signal }: Omit<Message<unknown>, 'isAnswer'>,
): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const authorization = apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` };
  const type = json === undefined ? {} : { 'Content-Type': 'application/json' };
  let response: Response;
  try {
    response = await send(url + path + queryOf(query), {
      method,
      body: json === undefined ? (body ?? null) : JSON.stringify(json),
      headers: { ...type, ...headers, ...authorization },
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    });
  } catch (cause) {
    throw new FoveaError(`No answer from ${url}.`, { status: 0, code: 'connection_failed', cause });
  }
  if (!response.ok) throw errorOf(response.status, await jsonOf(response));
  return response;
}

/** Sends one HTTP request and reads its JSON answer.
 * @throws FoveaError (as rejection) */
export async function exchange<Answer>(options: ClientOptions, message: Message<Answer>): Promise<Answer> {
  const response = await fetchFrom(options, message);
  const answer = await jsonOf(response);
  if (message.isAnswer(answer)) return answer;
  throw new FoveaError(`${options.url} is not a Fovea server.`, {
    status: response.status,
    code: 'internal',
  });
}

function jsonOf(response: Response): Promise<unknown> {
  return response.json().catch(() => undefined);
}
