import type { ModelsDirs } from '../../models/repository/find-versions.js';
import { listVersions } from '../../models/repository/list-versions.js';
import type { IgnoredEntry } from '../../models/repository/survey-folder.js';
import type { Scan } from '../../models/verification/scan.js';
import type { Rescan } from './model-control.js';

export interface KnownVersionsOptions {
  readonly modelsDirs: ModelsDirs;
  /** For the log: entries of the repository that are not model versions. Each is reported once. */
  readonly onIgnored: (entries: readonly IgnoredEntry[]) => void;
  /** Verifies every version of the repository. @throws FoveaError `model_invalid` when it cannot be read */
  readonly scan: () => Promise<Scan>;
}

/** What this server knows of its repository: versions that it has seen, and what the last scan said of them. */
export class KnownVersions {
  readonly #options: KnownVersionsOptions;
  /** `<model>/<version>`. */
  readonly #seen = new Set<string>();
  readonly #problems = new Map<string, string>();
  readonly #reported = new Set<string>();

  constructor(options: KnownVersionsOptions) {
    this.#options = options;
  }

  /** Lists the repository. @throws FoveaError `model_invalid` when it cannot be read */
  async learn(): Promise<{ readonly models: readonly string[]; readonly added: string[] }> {
    const listed = await listVersions(this.#options.modelsDirs);
    const names = listed.map(({ model, version }) => `${model}/${version}`);
    const added = names.filter((name) => !this.#seen.has(name));
    for (const name of added) this.#seen.add(name);
    const models = new Set(listed.map(({ model }) => model).filter((model) => model !== ''));
    return { models: [...models], added };
  }

  /** Verifies every version. @throws FoveaError `model_invalid` when the repository cannot be read */
  async scan(): Promise<Rescan> {
    const { versions, ignored } = await this.#options.scan();
    this.report(ignored);
    const names = versions.map(({ model, version }) => `${model}/${version}`);
    this.#problems.clear();
    for (const { model, version, problem } of versions)
      if (problem !== null) this.#problems.set(`${model}/${version}`, problem);
    return { versions, added: names.filter((name) => !this.#seen.has(name)), ignored };
  }

  /** Why the last scan refused a version; undefined when the version is valid. */
  problemOf(model: string, version: number): string | undefined {
    return this.#problems.get(`${model}/${version}`);
  }

  report(ignored: readonly IgnoredEntry[]): void {
    const news = ignored.filter(({ path }) => !this.#reported.has(path));
    for (const { path } of news) this.#reported.add(path);
    if (news.length > 0) this.#options.onIgnored(news);
  }

  forget(model: string): void {
    for (const name of [...this.#seen].filter((seen) => seen.startsWith(`${model}/`))) {
      this.#seen.delete(name);
      this.#problems.delete(name);
    }
  }
}
