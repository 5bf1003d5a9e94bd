import t from 'tap';
import { MessageBoundary } from '../../../../src/fronts/grpc/message-boundary.js';

function message(length: number): Buffer {
  const bytes = Buffer.alloc(5 + length);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

t.test('the bytes of a message without end are known, however the stream is cut', async (t) => {
  const lengths = [0, 3, 1, 200, 0, 70];
  const stream = Buffer.concat([...lengths.map(message), message(9).subarray(0, 12)]);
  for (let size = 1; size <= stream.length; size++) {
    const boundary = new MessageBoundary();
    let held = 0;
    let last = { hasEnded: false, incompleteBytes: 0, addedBytes: 0 };
    for (let at = 0; at < stream.length; at += size) {
      last = boundary.add(stream.subarray(at, at + size));
      held = (last.hasEnded ? 0 : held) + last.addedBytes;
      if (held !== last.incompleteBytes) t.equal(held, last.incompleteBytes, `pieces of ${size} bytes`);
    }
    if (last.incompleteBytes !== 12) t.equal(last.incompleteBytes, 12, `pieces of ${size} bytes`);
  }
  const declared = Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]);
  t.same(new MessageBoundary().add(declared), { hasEnded: false, incompleteBytes: 6, addedBytes: 6 });
  t.same(new MessageBoundary().add(message(4)), { hasEnded: true, incompleteBytes: 0, addedBytes: 0 });
});
