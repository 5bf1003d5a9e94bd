import { FoveaError } from '../../../platform/errors.js';

/** A class or function that a pickle names. It is never looked up, so that nothing can run. */
export class Global {
  /** @param name module and name, such as `torch.FloatStorage` */
  constructor(readonly name: string) {}
}

/** What a pickle would call to make an object. */
export class Call {
  constructor(
    readonly name: string,
    readonly args: readonly unknown[],
  ) {}
}

/** An object that lies outside the pickle. */
export class Persistent {
  constructor(readonly id: unknown) {}
}

const MARK = Symbol('mark');
const ORDERED_DICT = 'collections.OrderedDict';
const MOST_OBJECTS = 1_000_000;

/**
 * Reads one pickle of data: numbers, strings, lists, tuples, dictionaries (as `Map`), and the objects above. The opcodes are
 * those that `torch.save` writes.
 * @source CPython, Lib/pickletools.py
 * @returns the object, and where the pickle ends
 * @throws FoveaError `model_invalid` for other opcodes and damaged pickles
 */
export function readPickle(
  bytes: Uint8Array,
  start: number,
): { readonly value: unknown; readonly end: number } {
  try {
    return new PickleReader(bytes, start).read();
  } catch (error) {
    if (error instanceof FoveaError) throw error;
    throw damaged('it ends too early', error);
  }
}

class PickleReader {
  readonly #bytes: DataView;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  #at: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = start;
  }

  read(): { readonly value: unknown; readonly end: number } {
    for (let objects = 0; objects < MOST_OBJECTS; objects++) {
      const opcode = String.fromCharCode(this.#uint8());
      if (opcode === '.') return { value: this.#pop(), end: this.#at };
      this.#apply(opcode);
    }
    throw damaged(`it has more than ${MOST_OBJECTS} opcodes`);
  }

  #apply(opcode: string): void {
    const stack = this.#stack;
    switch (opcode) {
      case '\x80': // PROTO
        this.#uint8();
        return;
      case '(':
        stack.push(MARK);
        return;
      case 'q': // BINPUT
        this.#memo.set(this.#uint8(), this.#top());
        return;
      case 'r': // LONG_BINPUT
        this.#memo.set(this.#uint32(), this.#top());
        return;
      case 's': {
        const [key, value] = this.#last(2);
        this.#dictionary().set(key, value);
        return;
      }
      case 'u': // SETITEMS
        this.#setItems(this.#sinceMark());
        return;
      case 'a':
        this.#list(this.#last(1));
        return;
      case 'e': // APPENDS
        this.#list(this.#sinceMark());
        return;
      case 'b': // BUILD: attributes of an object, which no reader of weights needs
        this.#pop();
        return;
      default:
        stack.push(this.#pushed(opcode));
    }
  }

  /** The object that an opcode pushes. */
  #pushed(opcode: string): unknown {
    switch (opcode) {
      case 'N':
        return null;
      case '\x88':
        return true;
      case '\x89':
        return false;
      case 'K': // BININT1
        return this.#uint8();
      case 'M': // BININT2
        return this.#uint16();
      case 'J': // BININT
        return this.#uint32() | 0;
      case '\x8a': // LONG1
        return this.#long(this.#uint8());
      case 'X': // BINUNICODE
        return new TextDecoder().decode(this.#take(this.#uint32()));
      case 'h': // BINGET
        return this.#memo.get(this.#uint8());
      case 'j': // LONG_BINGET
        return this.#memo.get(this.#uint32());
      case '}':
        return new Map();
      case ']':
      case ')':
        return [];
      case 't':
        return this.#sinceMark();
      case '\x85':
      case '\x86':
      case '\x87': // TUPLE1 to TUPLE3
        return this.#last(opcode.charCodeAt(0) - 0x84);
      case 'c': // GLOBAL
        return new Global(`${this.#line()}.${this.#line()}`);
      case 'R': // REDUCE
        return this.#call();
      case 'Q': // BINPERSID
        return new Persistent(this.#pop());
      default:
        throw damaged(`it uses the opcode 0x${opcode.charCodeAt(0).toString(16)}, which no weights need`);
    }
  }

  #call(): unknown {
    const [callee, args] = this.#last(2);
    if (!(callee instanceof Global && Array.isArray(args))) throw damaged('it calls no function');
    return callee.name === ORDERED_DICT ? new Map() : new Call(callee.name, args);
  }

  #setItems(items: readonly unknown[]): void {
    const dictionary = this.#dictionary();
    for (let index = 0; index + 1 < items.length; index += 2) dictionary.set(items[index], items[index + 1]);
  }

  #dictionary(): Map<unknown, unknown> {
    const top = this.#top();
    return top instanceof Map ? top : fail('it sets an item of no dictionary');
  }

  #list(items: readonly unknown[]): void {
    const top = this.#top();
    if (!Array.isArray(top)) throw damaged('it appends to no list');
    top.push(...items);
  }

  #sinceMark(): unknown[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) throw damaged('it has no mark');
    const items = this.#stack.splice(mark);
    return items.slice(1);
  }

  #last(count: number): unknown[] {
    if (this.#stack.length < count) throw damaged('its stack is empty');
    return this.#stack.splice(-count);
  }

  #top(): unknown {
    return this.#stack.at(-1);
  }

  #pop(): unknown {
    return this.#last(1)[0];
  }

  #uint8(): number {
    return this.#bytes.getUint8(this.#at++);
  }

  #uint16(): number {
    this.#at += 2;
    return this.#bytes.getUint16(this.#at - 2, true);
  }

  #uint32(): number {
    this.#at += 4;
    return this.#bytes.getUint32(this.#at - 4, true);
  }

  /** A whole number in two's complement. */
  #long(length: number): bigint {
    const bytes = this.#take(length);
    const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    return BigInt.asIntN(8 * length, value);
  }

  #take(length: number): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    if (this.#at + length > byteLength) throw damaged('it ends too early');
    this.#at += length;
    return new Uint8Array(buffer, byteOffset + this.#at - length, length);
  }

  #line(): string {
    const start = this.#at;
    while (this.#uint8() !== 10);
    const { buffer, byteOffset } = this.#bytes;
    return new TextDecoder().decode(new Uint8Array(buffer, byteOffset + start, this.#at - 1 - start));
  }
}

function fail(reason: string): never {
  throw damaged(reason);
}

function damaged(reason: string, cause?: unknown): FoveaError {
  return new FoveaError('model_invalid', `The file of PyTorch cannot be read: ${reason}.`, { cause });
}
