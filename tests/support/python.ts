import { spawnSync } from 'node:child_process';

/** The Python of the system first: CI installs Debian's packages for it. */
const CANDIDATES = ['/usr/bin/python3', 'python3'];

/** @returns a Python that can import all `modules`; undefined where there is none */
export function pythonWith(...modules: readonly string[]): string | undefined {
  const imports = `import ${modules.join(', ')}`;
  return CANDIDATES.find((python) => spawnSync(python, ['-c', imports], { timeout: 30_000 }).status === 0);
}
