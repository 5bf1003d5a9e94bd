import t from 'tap';
import { hasFewFields } from '../../../../src/fronts/grpc/wire-elements.js';

const NESTED = new Set([5]);

t.test('counts fields, those of nested messages too', (t) => {
  // Field 5 of 4 bytes, which are two varint fields.
  const message = Uint8Array.of(0x2a, 4, 0x08, 1, 0x10, 2);
  t.ok(hasFewFields(message, NESTED, 3));
  t.notOk(hasFewFields(message, NESTED, 2));
  t.ok(hasFewFields(message, new Set(), 1), 'without those of other fields');
  t.end();
});

t.test('refuses what is no message', (t) => {
  const bad = {
    'a length beyond the end': [0x0a, 5, 1],
    'a varint without end': [0x08, 0xff],
    'a varint of 11 bytes': [0x08, ...new Array<number>(10).fill(0xff), 1],
    'a group': [0x0b, 0x0c],
    'a fixed64 that is cut off': [0x09, 1, 2],
  };
  for (const [name, bytes] of Object.entries(bad))
    t.notOk(hasFewFields(Uint8Array.from(bytes), NESTED, 100), name);
  t.ok(hasFewFields(new Uint8Array(), NESTED, 0), 'an empty message is one');
  t.end();
});
