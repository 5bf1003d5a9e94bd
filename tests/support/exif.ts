/** A segment of a JPEG file. */
export function segment(marker: number, content: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
}

export interface Exif {
  readonly order?: 'II' | 'MM';
  readonly tag?: number;
  readonly type?: number;
  readonly count?: number;
  readonly value: number;
}

/** EXIF data of one entry. @source TIFF 6.0, section 2 */
export function exif({ order = 'II', tag = 0x0112, type = 3, count = 1, value }: Exif): Buffer {
  const view = new DataView(new ArrayBuffer(26));
  const isLittle = order === 'II';
  view.setUint16(2, 42, isLittle);
  view.setUint32(4, 8, isLittle);
  view.setUint16(8, 1, isLittle);
  view.setUint16(10, tag, isLittle);
  view.setUint16(12, type, isLittle);
  view.setUint32(14, count, isLittle);
  view.setUint16(18, value, isLittle);
  const tiff = Buffer.from(view.buffer);
  tiff.write(order);
  return Buffer.concat([Buffer.from('Exif\0\0'), tiff]);
}
