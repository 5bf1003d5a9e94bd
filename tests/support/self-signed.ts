import { execFileSync, spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { Test } from 'tap';

/** Reason to skip tests with TLS; false when openssl is installed. */
export const NO_OPENSSL =
  spawnSync('openssl', ['version']).error === undefined ? false : 'openssl is missing';

/** PEM files of a certificate for `localhost` and of its key. */
export function selfSigned(t: Test): { cert: string; key: string } {
  const folder = resolve(t.testdir());
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-days', '1', '-nodes', '-newkey', 'rsa:2048'];
  execFileSync('openssl', ['req', '-x509', ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  return { cert, key };
}
