import t from 'tap';
import { Lifecycle } from '../../../src/app/lifecycle.js';

const PART_MS = 50;

/** A lifecycle whose parts write down what is done to them, and whose log is read by the test. */
class Rig {
  readonly steps: string[] = [];
  readonly log: string[] = [];
  readonly lifecycle = new Lifecycle({
    drainMs: 100,
    partMs: PART_MS,
    log: { error: (_facts: unknown, message?: unknown) => void this.log.push(String(message)) },
  });

  step(text: string): Promise<void> {
    this.steps.push(text);
    return Promise.resolve();
  }

  add(name: string): void {
    this.lifecycle.add({ name, close: () => this.step(`close ${name}`) });
  }
}

const never = (): Promise<void> => new Promise(() => undefined);

t.test('the history is flushed first, then all close in the reverse order of their making', async (t) => {
  const rig = new Rig();
  const { lifecycle } = rig;
  lifecycle.add({
    name: 'history',
    flush: () => rig.step('flush history'),
    close: () => rig.step('close history'),
  });
  rig.add('models');
  lifecycle.add({ name: 'http', drain: () => rig.step('drain http'), close: () => rig.step('close http') });
  t.equal(await lifecycle.drain(), true);
  t.equal(await lifecycle.close(), true);
  t.equal(await lifecycle.close(), true, 'once');
  t.same(rig.steps, ['drain http', 'flush history', 'close http', 'close models', 'close history']);
  t.same(rig.log, []);
});

t.test('a part that fails or hangs is named in the log, and keeps no other from closing', async (t) => {
  const rig = new Rig();
  const { lifecycle } = rig;
  rig.add('history');
  lifecycle.add({ name: 'hanging', close: never });
  lifecycle.add({ name: 'failing', close: () => Promise.reject(new Error('no')) });
  lifecycle.add({
    name: 'throwing',
    flush: never,
    close: () => {
      throw new Error('no');
    },
  });
  rig.add('http');
  t.equal(await lifecycle.close(), false);
  t.same(rig.steps, ['close http', 'close history']);
  t.same(rig.log, [
    `throwing did not flush within ${PART_MS} ms`,
    'throwing could not close',
    'failing could not close',
    `hanging did not close within ${PART_MS} ms`,
  ]);
});

t.test('a drain that does not end in time says so; one that fails does not hold it up', async (t) => {
  const hanging = new Rig();
  hanging.lifecycle.add({ name: 'http', drain: never, close: () => undefined });
  t.equal(await hanging.lifecycle.drain(), false);
  const failing = new Rig();
  failing.lifecycle.add({
    name: 'evaluations',
    drain: () => Promise.reject(new Error('no')),
    close: () => undefined,
  });
  t.equal(await failing.lifecycle.drain(), true);
  t.same(failing.log, ['evaluations could not drain']);
});

t.test('a part that is made after the close began is closed at once', async (t) => {
  const rig = new Rig();
  const closed = rig.lifecycle.close();
  rig.add('late');
  await closed;
  t.same(rig.steps, ['close late']);
});
