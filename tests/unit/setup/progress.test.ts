import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { createProgress } from '../../../setup/progress.mjs';

/** Collects what is written. */
function stream(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, written, write: (text: string) => written.push(text) };
}

t.test('a log gets plain lines, a terminal a bar that is drawn over', async (t) => {
  const work = async (report: (done: number, total: number) => void) => {
    report(50, 200);
    await sleep(300);
    return 'result';
  };
  const log = stream(false);
  t.equal(await createProgress(log).step('Unpacking', work), 'result');
  t.match(log.written.join(''), /^Unpacking …\n {2}Unpacking: done after 0\.\d s\n$/);

  const terminal = stream(true);
  await createProgress(terminal).step('Unpacking', work);
  t.match(terminal.written[0], /^\r.* Unpacking █{6}░{18} 50 of 200 MB/);
  t.match(terminal.written.at(-1), /✓ Unpacking \(0\.\d s\)\n$/);
});

t.test('a step that fails is shown as failed', async (t) => {
  const log = stream(false);
  await t.rejects(createProgress(log).step('Unpacking', () => Promise.reject(new Error('no'))));
  t.match(log.written.at(-1), /failed after/);
});

t.test(
  'steps that run at the same time share the line of a terminal; each that ends gets its own',
  async (t) => {
    const terminal = { ...stream(true), columns: 30 };
    const { step } = createProgress(terminal);
    await Promise.all([
      step('Installing', () => sleep(200)),
      step('Building something with a long name', () => sleep(400)),
    ]);
    t.match(terminal.written[0], /^\r.*Installing 0\.\d s · Build/);
    const drawn = terminal.written.filter((text) => !text.endsWith('\n'));
    t.ok(
      drawn.every((text) => text.replace('\r\x1b[K', '').length < 30),
      'never more than a line',
    );
    t.match(
      terminal.written.filter((text) => text.endsWith('\n')),
      [/✓ Installing \(0\.2 s\)/, /✓ Building something with a long name \(0\.4 s\)/],
    );
  },
);
