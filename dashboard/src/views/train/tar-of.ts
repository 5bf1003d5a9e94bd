const BLOCK_BYTES = 512;
const MOST_NAME_BYTES = 100;
const MOST_PREFIX_BYTES = 155;
const encoder = new TextEncoder();

export interface PackedFile {
  /** Separated by `/`. */
  readonly path: string;
  readonly file: File;
}

/** The path in the two fields of a header; '' twice where it does not fit. */
function namesOf(path: string): { readonly name: string; readonly prefix: string } {
  if (encoder.encode(path).length <= MOST_NAME_BYTES) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at !== -1; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    const fits = encoder.encode(name).length <= MOST_NAME_BYTES;
    if (fits && encoder.encode(prefix).length <= MOST_PREFIX_BYTES) return { name, prefix };
  }
  return { name: '', prefix: '' };
}

/** @source POSIX.1-1988, ustar interchange format */
function headerOf({ path, file }: PackedFile): Uint8Array<ArrayBuffer> {
  const { name, prefix } = namesOf(path);
  if (name === '') throw new Error(`The path is too long for an archive: ${path}`);
  const block = new Uint8Array(BLOCK_BYTES);
  const write = (at: number, text: string): void => block.set(encoder.encode(text), at);
  write(0, name);
  write(100, '0000644\0');
  write(124, `${file.size.toString(8).padStart(11, '0')}\0`);
  write(136, '00000000000\0');
  write(148, ' '.repeat(8));
  write(156, '0');
  write(257, 'ustar\u000000');
  write(345, prefix);
  const sum = block.reduce((total, byte) => total + byte, 0);
  write(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return block;
}

/** A tar archive of files, which are read when it is sent. @throws Error for a path of more than 255 bytes */
export function tarOf(files: readonly PackedFile[], name: string): File {
  const parts = files.flatMap((each) => {
    const padding = (BLOCK_BYTES - (each.file.size % BLOCK_BYTES)) % BLOCK_BYTES;
    return [headerOf(each), each.file, new Uint8Array(padding)];
  });
  return new File([...parts, new Uint8Array(2 * BLOCK_BYTES)], name);
}
