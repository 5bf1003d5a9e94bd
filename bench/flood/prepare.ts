/* Prepares the requests of a flood, so that k6 has little to do, and the expected response of each image. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';

const IMAGES = 'tests/fixtures/images';
const IMAGES_PER_BATCH = 5;
const PAGES = [
  '/',
  '/api/health',
  '/api/health/ready',
  '/api/model/info',
  '/api/model/uptime',
  '/api/models',
  '/api/statistics',
  '/api/visualizations',
];

/** The part of a prediction that identifies its image. */
const answerSchema = z.object({ predicted_class: z.string(), confidence: z.number() });

export type ExpectedAnswer = z.infer<typeof answerSchema>;

interface Image {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly answer: ExpectedAnswer;
}

interface Body {
  readonly contentType: string;
  readonly content: Buffer;
}

export interface PreparedFlood {
  /** Read by requests.k6.js. */
  readonly file: string;
  /** Files of the page that this server does not have; they are not requested. */
  readonly missingPages: readonly string[];
  readonly imageCount: number;
}

export interface PrepareOptions {
  readonly url: string;
  /** An existing folder for request bodies and expected responses. */
  readonly folder: string;
  /**
   * Largest difference of a confidence to the response to the image alone; batch sizes change the order of additions.
   */
  readonly tolerance: number;
  /** Falsifies the expected responses, for the test that wrong responses are found. */
  readonly distort?: (answer: ExpectedAnswer) => ExpectedAnswer;
}

async function askAlone(url: string, bytes: Uint8Array<ArrayBuffer>): Promise<ExpectedAnswer> {
  const headers = { 'Content-Type': 'image/jpeg' };
  const response = await fetch(`${url}/api/predict`, { method: 'POST', body: bytes, headers });
  if (!response.ok) throw new Error(`A single prediction was answered with ${response.status}.`);
  return answerSchema.parse(await response.json());
}

/** Removes images whose responses are too similar to detect a mix-up; keeps the first of them. */
async function tellApart(url: string, tolerance: number): Promise<Image[]> {
  const images: Image[] = [];
  const names = (await readdir(IMAGES)).filter((name) => name.endsWith('.jpg')).sort();
  for (const name of names) {
    const bytes = new Uint8Array(await readFile(join(IMAGES, name)));
    const answer = await askAlone(url, bytes);
    const isLike = ({ answer: other }: Image): boolean =>
      other.predicted_class === answer.predicted_class &&
      Math.abs(other.confidence - answer.confidence) <= 2 * tolerance;
    if (!images.some(isLike)) images.push({ name, bytes, answer });
  }
  return images;
}

async function asForm(field: string, images: readonly Image[]): Promise<Body> {
  const form = new FormData();
  for (const { name, bytes } of images) form.append(field, new Blob([bytes], { type: 'image/jpeg' }), name);
  const response = new Response(form);
  return {
    contentType: response.headers.get('content-type') ?? '',
    content: Buffer.from(await response.arrayBuffer()),
  };
}

function asJson({ bytes }: Image): Body {
  const content = Buffer.from(JSON.stringify({ image: Buffer.from(bytes).toString('base64') }));
  return { contentType: 'application/json', content };
}

async function findMissingPages(url: string): Promise<string[]> {
  const missing: string[] = [];
  for (const page of PAGES) if ((await fetch(url + page)).status === 404) missing.push(page);
  return missing;
}

/**
 * Requests a prediction of each image alone, and writes the requests and expected responses for k6.
 * @throws Error when the server does not answer, or no two images differ enough
 */
export async function prepareFlood(options: PrepareOptions): Promise<PreparedFlood> {
  const { url, folder, tolerance, distort = (answer) => answer } = options;
  const images = await tellApart(url, tolerance);
  if (images.length < IMAGES_PER_BATCH) throw new Error('The answers do not tell the images apart.');
  const save = async (kind: string, path: string, of: readonly Image[], body: Body): Promise<object> => {
    const bodyFile = join(folder, `${kind}-${basename(of[0]?.name ?? '', '.jpg')}`);
    await writeFile(bodyFile, body.content);
    return {
      path,
      contentType: body.contentType,
      bodyFile,
      expected: of.map(({ answer }) => distort(answer)),
    };
  };
  const raw: object[] = [];
  const form: object[] = [];
  const json: object[] = [];
  const batches: object[] = [];
  for (const [index, image] of images.entries()) {
    const batch = Array.from(
      { length: IMAGES_PER_BATCH },
      (_, at) => images[(index + at) % images.length] ?? image,
    );
    const bare = { contentType: 'image/jpeg', content: Buffer.from(image.bytes) };
    raw.push(await save('raw', '/api/predict', [image], bare));
    form.push(await save('form', '/api/predict', [image], await asForm('file', [image])));
    json.push(await save('json', '/api/predict', [image], asJson(image)));
    batches.push(await save('batch', '/api/predict/batch', batch, await asForm('files', batch)));
  }
  const kinds = { raw, form, json, batch: batches };
  const missingPages = await findMissingPages(url);
  const pages = PAGES.filter((page) => !missingPages.includes(page));
  const file = join(folder, 'requests.json');
  await writeFile(file, JSON.stringify({ url, tolerance, pages, kinds }));
  return { file, missingPages, imageCount: images.length };
}
