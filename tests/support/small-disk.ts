import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

/** @returns why this machine lets no test mount a disk; false where it does */
export function withoutMounts(): string | false {
  const directory = mkdtempSync(join(tmpdir(), 'fovea-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory], { stdio: 'ignore' });
    execFileSync('umount', [directory]);
    return false;
  } catch {
    return 'this user may not mount a small disk';
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A disk of a few megabytes that a test can fill. It is unmounted after the test. */
export class SmallDisk {
  readonly directory = mkdtempSync(join(tmpdir(), 'fovea-disk-'));
  readonly #filling = join(this.directory, 'filling');

  constructor(t: Test, mebibytes: number) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', this.directory]);
    t.teardown(() => {
      // Lazily: a server that the test starts ends after this teardown.
      execFileSync('umount', ['--lazy', this.directory]);
      rmSync(this.directory, { recursive: true, force: true });
    });
  }

  /** Takes all room that is left. */
  fill(): void {
    const file = openSync(this.#filling, 'a');
    const page = Buffer.alloc(4096);
    try {
      for (;;) writeSync(file, page);
    } catch {
      // The disk is full.
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(this.#filling, { force: true });
  }
}
