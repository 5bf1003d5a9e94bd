import { buffer } from 'node:stream/consumers';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';

/** An entry of a test's archive. */
export interface BuiltEntry {
  readonly name: string;
  readonly bytes?: Uint8Array;
  /** tar only: header fields, such as another type. */
  readonly header?: Partial<Header>;
  /** zip only: Unix mode, such as 0o120777 for a link. */
  readonly mode?: number;
  /** zip only: bit 0 marks encryption. */
  readonly flags?: number;
  readonly method?: number;
}

const NOTHING = new Uint8Array();

export async function tarOf(entries: readonly BuiltEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, bytes = NOTHING, header } of entries) {
    archive.entry({ name, size: bytes.length, ...header }, Buffer.from(bytes));
  }
  archive.finalize();
  return buffer(archive);
}

export async function tarGzOf(entries: readonly BuiltEntry[]): Promise<Buffer> {
  return gzipSync(await tarOf(entries));
}

/** Builds a zip, valid or deliberately broken. @source APPNOTE.TXT 4.3 */
export function zipOf(entries: readonly BuiltEntry[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes = NOTHING, mode = 0o100644, flags = 0, method = 8 } of entries) {
    const packed = method === 8 ? deflateRawSync(bytes) : Buffer.from(bytes);
    const nameBytes = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags | 0x800, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(0x00210000, 6);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, nameBytes, packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((mode << 16) >>> 0, 6);
    rest.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, rest, nameBytes]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\x05\x06'), end]);
}
