import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { TaskQueue } from '../../../platform/child/task-queue.js';
import { removeUnfinished } from '../../repository/unfinished-folders.js';
import type { ImportReport } from '../import-report.js';
import type { ImportSettings } from '../import-settings.js';
import { type ImportEvent, type ImportTask, importEventSchema } from './import-task.js';
import { type Field, receiveModelBody, receiveModelForm } from './receive-model.js';

export interface ModelImportsOptions {
  /** Holds the files of running imports only. */
  readonly folder: string;
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly settings: ImportSettings;
  /** @throws FoveaError (as rejection) `disk_full` when the model could not be stored */
  readonly requireRoom: () => Promise<void>;
  /** Logs that leftovers of an interrupted import could not be deleted. */
  readonly onProblem: (error: unknown) => void;
}

/** What a person states of the model, as text. */
export interface Wanted {
  readonly fields: ImportTask['fields'];
  readonly isDryRun: boolean;
}

/** Request body of an import. */
export interface ModelUpload {
  readonly stream: Readable;
  readonly contentType: string;
  /** Makes sense of the fields of a form, once they are there.
   * @throws FoveaError `bad_request` */
  readonly wantedOf: (fields: readonly Field[]) => Wanted;
}

/** Imports models that clients upload: one at a time, each in a process of its own, because a model's file is a stranger's. */
export class ModelImports {
  readonly #options: ModelImportsOptions;
  readonly #queue: TaskQueue<ImportTask, ImportEvent>;
  /** Settles when the leftovers of interrupted imports are deleted. Folders belong to running imports from then on. */
  readonly #cleaned: Promise<void>;

  constructor(options: ModelImportsOptions) {
    this.#options = options;
    this.#queue = new TaskQueue({
      entryPoint: 'import',
      env: options.env,
      events: importEventSchema,
      failure: 'import_failed',
      cancelledMessage: 'The import was cancelled.',
    });
    this.#cleaned = rm(options.folder, { recursive: true, force: true }).catch(options.onProblem);
  }

  /** Adds a version of a model to the repository, or nothing.
   * @param signal cancels the import
   * @throws FoveaError `bad_request`, `too_large`, `model_invalid`, `facts_missing`, `engine_unavailable`, `disk_full`,
   *   `import_failed`, `cancelled` */
  async run({ stream, contentType, wantedOf }: ModelUpload, signal: AbortSignal): Promise<ImportReport> {
    const { folder, settings, requireRoom, onProblem } = this.#options;
    await requireRoom();
    await this.#cleaned;
    const id = randomUUID();
    const directory = join(folder, id, 'received');
    // Of the process: what it leaves there goes with the folder.
    const temporary = join(folder, id, 'tmp');
    try {
      await mkdir(directory, { recursive: true });
      await mkdir(temporary);
      const { path, fields } = contentType.toLowerCase().startsWith('multipart/form-data')
        ? await receiveModelForm(stream, contentType, { directory, maxFiles: settings.limits.maxFiles })
        : await receiveModelBody(stream, directory);
      const wanted = wantedOf(fields);
      const task = { path, fields: wanted.fields, is_dry_run: wanted.isDryRun, settings };
      return (await this.#queue.run(task, { signal, env: { TMPDIR: temporary } })).result;
    } catch (error) {
      // The process has ended, so that what it was writing is no running process's.
      await this.#removeUnfinished().catch(onProblem);
      throw error;
    } finally {
      await rm(join(folder, id), { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  async #removeUnfinished(): Promise<void> {
    const { modelsDirs, isReadOnly } = this.#options.settings;
    for (const directory of isReadOnly ? modelsDirs.slice(1) : modelsDirs) await removeUnfinished(directory);
  }
}
