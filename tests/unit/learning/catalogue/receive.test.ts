import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { receiveForm } from '../../../../src/learning/catalogue/receive.js';

const BOUNDARY = 'x';
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

function part(headers: string, content: string): string {
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; ${headers}\r\n\r\n${content}\r\n`;
}

/** A body of many parts in chunks of 64 KiB; counts the chunks that were read. */
class Body {
  chunks = 0;
  readonly #parts: () => Iterable<string>;

  constructor(parts: () => Iterable<string>) {
    this.#parts = parts;
  }

  stream(end = `--${BOUNDARY}--\r\n`): Readable {
    return Readable.from(this.#chunks(end), { objectMode: false });
  }

  *#chunks(end: string): Generator<Buffer> {
    let text = '';
    for (const piece of [...this.#parts(), end]) {
      text += piece;
      if (text.length < 65_536) continue;
      this.chunks += 1;
      yield Buffer.from(text);
      text = '';
    }
    this.chunks += 1;
    yield Buffer.from(text);
  }
}

function repeat(count: number, make: (index: number) => string): () => Iterable<string> {
  return () => Array.from({ length: count }, (_, index) => make(index));
}

function options(t: Test, maxImages = 10_000) {
  return { directory: t.testdir(), maxImages, maxFileBytes: 1_000_000 };
}

/** Files of the folder that this process has open. */
function openFiles(directory: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(directory);
    } catch {
      return false;
    }
  }).length;
}

t.test('thousands of files are written one after another', async (t) => {
  const wanted = options(t);
  const labels = part('name="labels"', 'cat').repeat(2000);
  const file = (index: number) => part(`name="files"; filename="${index}.jpg"`, `image ${index}`);
  const body = new Body(() => [...repeat(2000, file)(), labels]);
  let most = 0;
  const watched = body.stream().on('data', () => {
    most = Math.max(most, openFiles(wanted.directory));
  });
  watched.pause();
  const content = await receiveForm(watched, TYPE, wanted);
  t.equal('images' in content && content.images.length, 2000);
  t.ok(most <= 2, `${most} files were open`);
  t.equal(readdirSync(wanted.directory).length, 2000);
});

t.test('a form that cannot be accepted is refused at its first problem, and read to its end', async (t) => {
  const forms: readonly [string, () => Iterable<string>, RegExp][] = [
    ['empty files', repeat(50_000, () => part('name="files"; filename="a.jpg"', '')), /is empty/],
    ['unknown fields', repeat(50_000, () => part('name="colour"', 'red')), /"colour"/],
    ['too many labels', repeat(50_000, () => part('name="labels"', 'cat')), /more than 1000 images/],
  ];
  for (const [what, parts, message] of forms) {
    const wanted = options(t, 1000);
    const body = new Body(parts);
    await t.rejects(receiveForm(body.stream(), TYPE, wanted), { message }, what);
    t.ok(body.chunks > 30, 'the client has sent everything');
    t.ok(readdirSync(wanted.directory).length < 2000, 'no file of a later chunk was written');
  }
});

t.test('a truncated form is refused, and a body that fails ends it', async (t) => {
  const file = part('name="files"; filename="a.jpg"', 'image');
  const malformed = { code: 'bad_request', message: /truncated/ };
  await t.rejects(receiveForm(new Body(() => [file]).stream(''), TYPE, options(t)), malformed);
  const half = file.slice(0, -5);
  await t.rejects(receiveForm(new Body(() => [half]).stream(''), TYPE, options(t)), malformed);
  async function* failing(): AsyncGenerator<Buffer> {
    yield Buffer.from(half);
    throw new Error('The client has gone.');
  }
  await t.rejects(receiveForm(Readable.from(failing(), { objectMode: false }), TYPE, options(t)), malformed);
});

t.test('a folder that cannot be written fails the upload as the system says', async (t) => {
  const directory = `${t.testdir()}/missing`;
  const body = new Body(repeat(3, () => part('name="files"; filename="a.jpg"', 'image'.repeat(50_000))));
  const wanted = { ...options(t), directory };
  await t.rejects(receiveForm(body.stream(), TYPE, wanted), { code: 'ENOENT' });
});

t.test('base64 parts are decoded, and file names in any script are read', async (t) => {
  const bytes = Buffer.from(Array.from({ length: 70_001 }, (_, index) => index % 256));
  const lines = bytes.toString('base64').replace(/.{76}/g, '$&\r\n');
  const encoded = (headers: string, content: string, encoding = 'base64') =>
    part(`${headers}\r\nContent-Transfer-Encoding: ${encoding}`, content);
  const name = "filename*=UTF-8''%E7%8C%AB.jpg";
  const parts = [
    encoded(`name="files"; ${name}`, lines, 'Base64'),
    encoded('name="labels"', Buffer.from('Katze ß').toString('base64')),
  ];
  const content = await receiveForm(new Body(() => parts).stream(), TYPE, options(t));
  const [image] = 'images' in content ? content.images : [];
  t.match(image, { name: '猫.jpg', className: 'Katze ß' });
  t.ok(readFileSync(image?.path ?? '').equals(bytes));
  const quoted = new Body(() => [encoded('name="files"; filename="a"', 'x', 'quoted-printable')]);
  await t.rejects(receiveForm(quoted.stream(), TYPE, options(t)), {
    code: 'bad_request',
    message: /Content-Transfer-Encoding than 7bit, 8bit, binary, base64/,
  });
});
