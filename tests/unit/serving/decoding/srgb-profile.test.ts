import sharp from 'sharp';
import t from 'tap';
import { isSrgbProfile } from '../../../../src/serving/decoding/srgb-profile.js';

const SRGB = [
  [0.4361, 0.2225, 0.0139],
  [0.3851, 0.7169, 0.0971],
  [0.1431, 0.0606, 0.7141],
];
const DISPLAY_P3 = [
  [0.5151, 0.2412, -0.0011],
  [0.292, 0.6922, 0.0419],
  [0.1571, 0.0666, 0.7841],
];

function fixed(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(Math.round(value * 65_536), 4 * index);
  return bytes;
}

function tag(kind: string, ...content: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(kind), Buffer.alloc(4), ...content]);
}

const PARAMETRIC = tag(
  'para',
  Buffer.from([0, 3, 0, 0]),
  fixed(2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
);

/** As the profile of Hewlett-Packard and Photoshop has it, of 1024 values. */
function sampled(linear: (value: number) => number, count = 1024): Buffer {
  const bytes = Buffer.alloc(4 + 2 * count);
  bytes.writeUInt32BE(count);
  for (let index = 0; index < count; index++)
    bytes.writeUInt16BE(Math.round(linear(index / (count - 1)) * 65_535), 4 + 2 * index);
  return tag('curv', bytes);
}

function srgbCurve(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

interface Parts {
  readonly primaries?: readonly (readonly number[])[];
  readonly curve?: Buffer;
  readonly space?: string;
  readonly more?: Readonly<Record<string, Buffer>>;
}

function profile({ primaries = SRGB, curve = PARAMETRIC, space = 'RGB ', more = {} }: Parts): Buffer {
  const tags: Record<string, Buffer> = { ...more };
  for (const [index, color] of ['r', 'g', 'b'].entries()) {
    tags[`${color}XYZ`] = tag('XYZ ', fixed(...(primaries[index] ?? [])));
    tags[`${color}TRC`] = curve;
  }
  const entries = Object.entries(tags);
  const head = Buffer.alloc(132 + 12 * entries.length);
  head.write(`${space}XYZ `, 16);
  head.writeUInt32BE(entries.length, 128);
  let offset = head.length;
  for (const [index, [name, data]] of entries.entries()) {
    head.write(name, 132 + 12 * index);
    head.writeUInt32BE(offset, 136 + 12 * index);
    head.writeUInt32BE(data.length, 140 + 12 * index);
    offset += data.length;
  }
  return Buffer.concat([head, ...entries.map(([, data]) => data)]);
}

t.test('a profile of sRGB, with a formula, with a sampled curve, and the one of sharp', async (t) => {
  t.equal(isSrgbProfile(profile({})), true);
  t.equal(isSrgbProfile(profile({ curve: sampled(srgbCurve) })), true);
  const image = sharp({ create: { width: 8, height: 8, channels: 3, background: '#888' } });
  for (const [name, isSrgb] of [
    ['srgb', true],
    ['p3', false],
  ] as const) {
    const { icc } = await sharp(await image.withIccProfile(name).jpeg().toBuffer()).metadata();
    t.equal(icc !== undefined && isSrgbProfile(icc), isSrgb, name);
  }
});

t.test('every other profile changes colours', async (t) => {
  const others: Readonly<Record<string, Parts>> = {
    'other primaries': { primaries: DISPLAY_P3 },
    'a gamma of 2.2': { curve: sampled((value) => value ** 2.2) },
    'one number for gamma': { curve: tag('curv', Buffer.from([0, 0, 0, 1, 2, 0x33])) },
    'no curve': { curve: tag('curv', Buffer.alloc(4)) },
    'another formula': { curve: tag('para', Buffer.alloc(4), fixed(2.4)) },
    'numbers that are not finite': { curve: tag('para', Buffer.from([0, 3, 0, 0]), fixed(-9, 0, 0, 0, 0)) },
    'a colour space of inks': { space: 'CMYK' },
    'a lookup table': { more: { A2B0: tag('mAB ', Buffer.alloc(24)) } },
  };
  for (const [name, parts] of Object.entries(others)) t.equal(isSrgbProfile(profile(parts)), false, name);
});

t.test('a profile that is cut is none', async (t) => {
  const whole = profile({});
  for (let length = 0; length < whole.length; length++)
    if (isSrgbProfile(whole.subarray(0, length))) t.fail(`${length} bytes`);
  const tooMany = Buffer.from(whole);
  tooMany.writeUInt32BE(0xffffffff, 128);
  t.equal(isSrgbProfile(tooMany), false);
});
