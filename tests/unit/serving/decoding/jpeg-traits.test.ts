import t from 'tap';
import { readJpegTraits } from '../../../../src/serving/decoding/jpeg-traits.js';
import { exif, segment } from '../../../support/exif.js';

function file(...segments: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments, segment(0xda, Buffer.alloc(6))]);
}

t.test('the orientation of EXIF data, in both byte orders', async (t) => {
  for (const order of ['II', 'MM'] as const) {
    for (let value = 1; value <= 8; value++) {
      const traits = readJpegTraits(file(segment(0xe1, exif({ order, value }))));
      t.same(traits, { orientation: value, hasColorProfile: false });
    }
  }
  t.equal(readJpegTraits(file())?.orientation, 1, 'no EXIF data');
  t.equal(
    readJpegTraits(file(segment(0xe1, exif({ tag: 0x0110, value: 6 }))))?.orientation,
    1,
    'another tag',
  );
  t.equal(readJpegTraits(file(segment(0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/'))))?.orientation, 1);
});

t.test('EXIF data that is damaged or unclear is for another decoder', async (t) => {
  const whole = exif({ value: 6 });
  const unclear: Readonly<Record<string, Buffer[]>> = {
    'orientation 0': [exif({ value: 0 })],
    'orientation 9': [exif({ value: 9 })],
    'another type': [exif({ value: 6, type: 4 })],
    'two values': [exif({ value: 6, count: 2 })],
    'no byte order': [Buffer.concat([whole.subarray(0, 6), Buffer.alloc(20)])],
    twice: [whole, whole],
  };
  for (const [name, contents] of Object.entries(unclear)) {
    t.equal(readJpegTraits(file(...contents.map((content) => segment(0xe1, content)))), undefined, name);
  }
  for (let length = 6; length < whole.length - 4; length++) {
    t.equal(readJpegTraits(file(segment(0xe1, whole.subarray(0, length)))), undefined, `${length} bytes`);
  }
});

t.test('a colour profile', async (t) => {
  t.match(readJpegTraits(file(segment(0xe2, Buffer.from('ICC_PROFILE\0\x01\x01')))), {
    hasColorProfile: true,
  });
  t.match(readJpegTraits(file(segment(0xe2, Buffer.from('MPF\0')))), { hasColorProfile: false });
});
