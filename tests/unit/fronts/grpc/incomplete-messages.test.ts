import { EventEmitter } from 'node:events';
import { constants } from 'node:http2';
import t from 'tap';
import { Admission } from '../../../../src/fronts/door/admission.js';
import { IncompleteMessages } from '../../../../src/fronts/grpc/incomplete-messages.js';
import { framed } from '../../../support/raw-grpc.js';

const BUFFERED = 100_000;
const TIMEOUT_MS = 1000;
const PART = framed(Buffer.alloc(60_000), { declared: 80_000 });

/** A stream of HTTP/2 whose bytes come by hand. */
class ManualStream extends EventEmitter {
  readonly session = { socket: { remoteAddress: '192.0.2.1' } };
  writableEnded = false;
  closedWith: number | undefined;

  receive(bytes: Uint8Array): void {
    this.emit('data', bytes);
  }

  close(code: number): void {
    this.closedWith = code;
    this.emit('close');
  }
}

t.test('messages without end take bounded memory and time', async (t) => {
  const admission = new Admission({
    maxRequestsInFlight: 1000,
    maxBufferedBytes: BUFFERED,
    maxClientSharePercent: 100,
  });
  const incomplete = new IncompleteMessages({ admission, timeoutMs: TIMEOUT_MS });
  const open = (): ManualStream => {
    const stream = new ManualStream();
    incomplete.watch(stream);
    return stream;
  };
  const [first, second] = [open(), open()];
  first.receive(PART);
  second.receive(PART);
  t.equal(first.closedWith, undefined);
  t.equal(second.closedWith, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  first.receive(Buffer.alloc(20_000));
  t.equal(admission.requestsInFlight, 0, 'a whole message is not counted here');
  const third = open();
  third.receive(PART);
  incomplete.endLate(performance.now());
  t.equal(third.closedWith, undefined);
  incomplete.endLate(performance.now() + 2 * TIMEOUT_MS);
  t.equal(third.closedWith, constants.NGHTTP2_CANCEL);
  const trickling = open();
  trickling.receive(PART.subarray(0, 5));
  for (let byte = 0; byte < 1000 && trickling.closedWith === undefined; byte++)
    trickling.receive(Buffer.alloc(1));
  t.equal(trickling.closedWith, constants.NGHTTP2_ENHANCE_YOUR_CALM, 'a piece costs more than its byte');
  const answered = open();
  answered.receive(PART);
  answered.writableEnded = true;
  answered.receive(Buffer.alloc(1));
  t.equal(admission.requestsInFlight, 0, 'the rest of an answered call is thrown away');
});
