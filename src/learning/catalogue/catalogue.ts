import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Manifest } from '../../models/repository/manifest.js';
import type { ModelOutput } from '../../models/repository/model-output.js';
import { TaskQueue } from '../../platform/child/task-queue.js';
import { FoveaError } from '../../platform/errors.js';
import { labelCountOf } from '../datasets/label-table.js';
import type { AskState } from '../state/state-calls.js';
import { toCatalogueError } from './catalogue-error.js';
import {
  type Added,
  type AddTask,
  addedSchema,
  type CatalogueEvent,
  type CataloguePage,
  type CatalogueQuery,
  type CatalogueTask,
  catalogueEventSchema,
  type Removed,
  removedSchema,
  type StagedImage,
  type Upload,
} from './catalogue-schema.js';
import { hasLeftovers, stagingOf } from './image-files.js';
import { receiveArchive, receiveForm } from './receive.js';

export interface CatalogueOptions {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly limits: AddTask['limits'];
  /** @throws FoveaError (as rejection) `disk_full` when the result could not be stored */
  readonly requireRoom: () => Promise<void>;
  /** Calls the state thread, which reads the catalogue's database. */
  readonly ask: AskState;
  /** Logs that leftovers of an interrupted change could not be deleted. */
  readonly onProblem: (error: unknown) => void;
}

/** The client of an upload, and the model that the images are for. */
export interface Uploader {
  readonly model: string;
  /** Of the model, in output order. */
  readonly labels: readonly string[];
  /** What another system calls the labels. */
  readonly labelIds?: readonly string[] | undefined;
  readonly input: Manifest['input'];
  readonly task: ModelOutput['task'];
  readonly client: string;
  /** Cancels the upload. */
  readonly signal?: AbortSignal;
}

/** Request body of an upload. */
export interface UploadBody {
  readonly stream: Readable;
  readonly contentType: string;
  /** Undefined for a chunked body. */
  readonly contentLength: number | undefined;
}

/** An image file that the server already stores elsewhere. */
export type KnownImage = Omit<StagedImage, 'split'>;

/** The images uploaded for training. */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #changes: TaskQueue<CatalogueTask, CatalogueEvent>;
  /**
   * Settles when the leftovers of interrupted changes are deleted. Files in staging belong to running changes from
   * then on.
   */
  readonly #cleaned: Promise<void>;

  constructor(options: CatalogueOptions) {
    this.#options = options;
    this.#changes = new TaskQueue({
      entryPoint: 'catalogue',
      env: options.env,
      events: catalogueEventSchema,
      failure: 'catalogue_failed',
      cancelledMessage: 'The change of the catalogue was cancelled.',
    });
    this.#cleaned = this.#clean().catch(options.onProblem);
  }

  /**
   * Accepts a form or an archive. Adds all of its images or none.
   * @throws FoveaError `bad_request`, `too_large`, `dataset_invalid`, `quota_exceeded`, `disk_full`,
   *   `catalogue_failed`, `cancelled`
   */
  async upload({ stream, contentType, contentLength }: UploadBody, uploader: Uploader): Promise<Added> {
    await this.#checkRoom(contentLength ?? 0);
    const { images: maxImages, file_bytes: maxFileBytes } = this.#options.limits;
    return this.#add(uploader, async (directory) => {
      const isForm = contentType.toLowerCase().startsWith('multipart/form-data');
      const content = isForm
        ? await receiveForm(stream, contentType, { directory, maxImages, maxFileBytes })
        : await receiveArchive(stream, directory);
      return { content, source: 'archive' in content ? 'archive' : 'files' };
    });
  }

  /**
   * Adds copies of images that the server already stores.
   * @param stage writes the copies into the given folder
   * @throws FoveaError as `upload`
   */
  addKnown(uploader: Uploader, stage: (directory: string) => Promise<KnownImage[]>): Promise<Added> {
    return this.#add(uploader, async (directory) => {
      const images = await stage(directory);
      return { content: { images: images.map((image) => ({ ...image, split: null })) }, source: 'feedback' };
    });
  }

  /** @throws FoveaError `not_found`, `catalogue_failed` */
  async removeUpload(upload: string): Promise<Removed> {
    const { folder } = this.#options;
    return this.#remove({ do: 'remove_upload', folder, upload });
  }

  /** @throws FoveaError `not_found`, `catalogue_failed` */
  async removeImage(model: string, sha256: string): Promise<Removed> {
    const { folder } = this.#options;
    return this.#remove({ do: 'remove_image', folder, model, sha256 });
  }

  /** @throws FoveaError `catalogue_failed` */
  async removeModel(model: string): Promise<Removed> {
    return this.#remove({ do: 'remove_model', folder: this.#options.folder, model });
  }

  /** @throws FoveaError `bad_request`, `catalogue_failed` */
  async page(query: CatalogueQuery): Promise<CataloguePage> {
    const { ask, limits } = this.#options;
    return { ...(await ask('cataloguePage', query)), max_bytes: limits.catalogue_bytes };
  }

  /** Newest first. @throws FoveaError `catalogue_failed` */
  uploads(limit: number): Promise<Upload[]> {
    return this.#options.ask('catalogueUploads', { limit });
  }

  async close(): Promise<void> {
    await this.#changes.close();
  }

  async #clean(): Promise<void> {
    const { folder } = this.#options;
    if (await hasLeftovers(folder)) await this.#changes.run({ do: 'clean', folder });
  }

  async #remove(task: CatalogueTask): Promise<Removed> {
    return removedSchema.parse((await this.#changes.run(task)).result);
  }

  async #add(
    { model, labels, input, task: answers, client, signal }: Uploader,
    receive: (
      directory: string,
    ) => Promise<{ content: AddTask['content']; source: AddTask['upload']['source'] }>,
  ): Promise<Added> {
    const { folder, limits, requireRoom } = this.#options;
    await requireRoom();
    await this.#cleaned;
    const id = randomUUID();
    const directory = join(stagingOf(folder, id), 'received');
    try {
      await mkdir(directory, { recursive: true });
      const { content, source } = await receive(directory);
      const upload = { id, model, client, source };
      const task: AddTask = {
        do: 'add',
        folder,
        upload,
        content,
        labels: [...labels],
        label_count: labelCountOf(answers),
        input,
        limits,
      };
      return addedSchema.parse((await this.#changes.run(task, { signal })).result);
    } catch (error) {
      throw toCatalogueError(error);
    } finally {
      await rm(stagingOf(folder, id), { recursive: true, force: true });
    }
  }

  /**
   * Refuses an upload that exceeds the quota before its body is read.
   * @throws FoveaError `quota_exceeded`
   */
  async #checkRoom(uploadBytes: number): Promise<void> {
    const { ask, limits } = this.#options;
    const stored = await ask('catalogueBytes', null);
    if (stored + uploadBytes <= limits.catalogue_bytes) return;
    throw new FoveaError('quota_exceeded', 'The catalogue of training images has no room for this upload.', {
      details: { stored_bytes: stored, upload_bytes: uploadBytes, max_bytes: limits.catalogue_bytes },
    });
  }
}
