import t from 'tap';
import { parseMultipart } from '../../../../src/fronts/http/multipart.js';

const TYPE = 'multipart/form-data; boundary=b';

function part(headers: string, content: string): string {
  return `--b\r\n${headers}\r\n\r\n${content}\r\n`;
}

function parse(text: string, { type = TYPE, maxParts = 10 } = {}): { name: string; content: string }[] {
  return parseMultipart(Buffer.from(text), type, maxParts).map((found) => ({
    ...found,
    content: found.bytes.toString(),
  }));
}

const DISPOSITION = 'Content-Disposition: form-data; name="file"';

t.test('parts come in order with name, file name, media type and bytes', async (t) => {
  const first = part(`${DISPOSITION}; filename="a;b.png"\r\nContent-Type: Image/PNG; x=y`, 'one');
  const second = part('content-disposition: form-data; filename=c.png; name=other', '');
  t.match(parse(`${first}${second}--b--\r\n`), [
    { name: 'file', fileName: 'a;b.png', mediaType: 'image/png', content: 'one' },
    { name: 'other', fileName: 'c.png', mediaType: undefined, content: '' },
  ]);
});

t.test('bytes are views on the body and may hold anything but the boundary', async (t) => {
  const content = '\r\n--\r\n--a\r\n\0--b';
  const body = Buffer.from(`${part(DISPOSITION, content)}--b--`);
  const [found] = parseMultipart(body, TYPE, 1);
  t.equal(found?.bytes.toString(), content);
  t.equal(found?.bytes.buffer, body.buffer);
});

t.test('preamble, epilogue and a quoted boundary are understood', async (t) => {
  const type = 'Multipart/Form-Data; charset=utf-8; Boundary="a b"';
  const body =
    'preamble\r\n--a b\r\nContent-Disposition: form-data; name=file\r\n\r\nx\r\n--a b--\r\nepilogue';
  t.match(parse(body, { type }), [{ name: 'file', content: 'x' }]);
});

t.test('escaped quotes and other alphabets stay in file names', async (t) => {
  const [found] = parse(`${part(`${DISPOSITION}; filename="a \\"q\\" \\\\ é.png"`, 'x')}--b--`);
  t.match(found, { fileName: 'a "q" \\ é.png' });
});

t.test('a base64 part is decoded, other encodings are refused', async (t) => {
  const encoded = (encoding: string): string =>
    `${part(`${DISPOSITION}\r\nContent-Transfer-Encoding: ${encoding}`, 'aGVs\r\nbG8=')}--b--`;
  t.match(parse(encoded('BASE64')), [{ content: 'hello' }]);
  t.match(parse(encoded('8bit')), [{ content: 'aGVs\r\nbG8=' }]);
  t.throws(() => parse(encoded('quoted-printable')), { code: 'bad_request' });
});

t.test('filename* wins over filename, unless it is malformed', async (t) => {
  const named = (parameters: string): unknown =>
    parse(`${part(`${DISPOSITION}; ${parameters}`, 'x')}--b--`)[0];
  t.match(named(`filename="x.png"; filename*=UTF-8''na%C3%AFve%20a.png`), { fileName: 'naïve a.png' });
  t.match(named(`filename*=iso-8859-1'de'%E4.png; filename=x.png`), { fileName: 'ä.png' });
  for (const malformed of [`UTF-8''%ff.png`, `UTF-8''%4`, 'a.png', `klingon''a.png`]) {
    t.match(named(`filename=x.png; filename*=${malformed}`), { fileName: 'x.png' }, malformed);
  }
});

t.test('a form without parts has none', async (t) => {
  t.same(parse('--b--\r\n'), []);
});

t.test('what is cut off or no form at all is bad_request', async (t) => {
  const whole = `${part(DISPOSITION, 'content')}--b--`;
  for (const length of [0, 1, 3, 5, 20, whole.length - 12, whole.length - 7, whole.length - 2]) {
    t.throws(() => parse(whole.slice(0, length)), { code: 'bad_request' }, `${length} bytes`);
  }
  t.throws(() => parse(whole, { type: 'multipart/form-data' }), { code: 'bad_request' }, 'no boundary');
  t.throws(() => parse(whole, { type: `multipart/form-data; boundary=${'b'.repeat(71)}` }), {
    code: 'bad_request',
  });
  t.throws(() => parse(`${part('Content-Type: image/png', 'x')}--b--`), { code: 'bad_request' }, 'no name');
});

t.test('parts, names and headers are bounded', async (t) => {
  const three = part(DISPOSITION, 'x').repeat(3);
  t.throws(() => parse(`${three}--b--`, { maxParts: 2 }), { code: 'too_large', details: { max_parts: 2 } });
  const longName = part(`${DISPOSITION}; filename="${'n'.repeat(256)}"`, 'x');
  t.throws(() => parse(`${longName}--b--`), { code: 'bad_request' });
  const endless = part(`${DISPOSITION}\r\nX: ${'h'.repeat(5000)}`, 'x');
  t.throws(() => parse(`${endless}--b--`), { code: 'bad_request' });
});
