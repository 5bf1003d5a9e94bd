import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { findVersions } from '../../models/repository/find-versions.js';
import type { ImageInput } from '../../models/repository/image-input.js';
import { manifestSchema } from '../../models/repository/manifest.js';
import { type ModelOutput, taskSchema } from '../../models/repository/model-output.js';
import type { ModelVersion } from '../../models/repository/model-version.js';
import type { PlannedModel, PlannedModels } from '../../models/repository/planned-models.js';
import { removeVersion } from '../../models/repository/remove-version.js';
import { resolveVersion } from '../../models/repository/resolve-version.js';
import { FoveaError } from '../../platform/errors.js';
import type { ServedModels } from '../../serving/rollout/served-models.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { twiceNamed } from '../datasets/class-spelling.js';
import { hasControls, MAX_LABEL_CHARACTERS } from '../datasets/label-name.js';
import { SEPARATOR } from '../datasets/label-sets.js';

export const newModelSchema = z.strictObject({
  name: manifestSchema.shape.model,
  /** Whose network the model starts from. */
  base: z.strictObject({ model: z.string().min(1), version: z.int().positive().optional() }),
  /** Default: those of the images of the first training. */
  labels: z
    .array(
      z
        .string()
        .trim()
        .min(1)
        .max(MAX_LABEL_CHARACTERS)
        .refine((label) => !hasControls(label), { error: 'A label has no control characters.' }),
    )
    .min(2)
    .refine((labels) => twiceNamed(labels) === undefined, {
      error: 'Two labels differ only in case or spaces.',
    })
    .optional(),
  task: taskSchema.default('single'),
  /** Distance above which an answer has `"unfamiliar": true`. Default: answers never have the field. */
  unfamiliar_above: z.number().optional(),
});

export type NewModel = z.infer<typeof newModelSchema>;

export interface Removed {
  readonly versions: readonly number[];
  /** Of the catalogue. */
  readonly images: number;
}

/** What images are uploaded for, and what a training learns. */
export interface Subject {
  readonly model: string;
  readonly labels: readonly string[];
  readonly labelIds?: readonly string[] | undefined;
  readonly input: ImageInput;
  readonly task: ModelOutput['task'];
  /** Of a model without versions, as its creator wants it. */
  readonly unfamiliarAbove?: number | undefined;
  /** The active version, or the base of a model without versions. */
  readonly base: ModelVersion;
  readonly isPlanned: boolean;
}

export interface OwnModelsOptions {
  readonly planned: PlannedModels;
  readonly models: Pick<
    ServedModels,
    'names' | 'defaultModel' | 'loadedOf' | 'discover' | 'forget' | 'requireUnused'
  >;
  readonly catalogue: Pick<Catalogue, 'removeModel'>;
  readonly modelsDirs: readonly [string, string];
  /** True when the first repository must not be written. */
  readonly isReadOnly: boolean;
  readonly stateDir: string;
  /** The model that is being trained; undefined: none. */
  readonly trained: () => string | undefined;
}

/** Models that clients create and delete. */
export class OwnModels {
  readonly #options: OwnModelsOptions;

  constructor(options: OwnModelsOptions) {
    this.#options = options;
  }

  /** Models without a version, by name. */
  get planned(): ReadonlyMap<string, PlannedModel> {
    const { planned, models } = this.#options;
    const names = planned.models.filter((name) => !models.names.includes(name));
    return new Map(
      names.flatMap((name) => {
        const plan = planned.of(name);
        return plan === undefined ? [] : [[name, plan]];
      }),
    );
  }

  /** Creates a model. Its first training gives it a version.
   * @throws FoveaError `bad_request` for a label that texts of several labels could not name; `model_exists`; `not_found` for
   *   the base */
  async create({ name, base, labels = [], task, unfamiliar_above }: NewModel): Promise<PlannedModel> {
    const { planned, models, modelsDirs } = this.#options;
    const joined = labels.find((label) => label.includes(SEPARATOR));
    if (task === 'multi' && joined !== undefined)
      throw new FoveaError(
        'bad_request',
        `The label ${JSON.stringify(joined)} contains ${SEPARATOR}, which separates the labels of an image: name it without.`,
      );
    if (models.names.includes(name) || planned.of(name) !== undefined)
      throw new FoveaError('model_exists', `There is a model ${name} already.`);
    const { version } = await resolveVersion(modelsDirs, base);
    const plan = {
      base: { model: base.model, version },
      labels,
      task,
      unfamiliar_above,
      created_at: new Date().toISOString(),
    };
    await planned.set(name, plan);
    return plan;
  }

  /** @param asked undefined: the default model
   * @throws FoveaError `not_found`, `model_not_ready`, `model_invalid` */
  async subjectOf(asked: string | undefined): Promise<Subject> {
    const { models, modelsDirs } = this.#options;
    const plan = asked === undefined ? undefined : this.planned.get(asked);
    if (asked === undefined || plan === undefined) {
      const base = (await models.loadedOf(asked ?? models.defaultModel)).active.classifier.version;
      const { labels, label_ids: labelIds, input, output } = base.manifest;
      return { model: base.model, labels, labelIds, input, task: output.task, base, isPlanned: false };
    }
    const base = await resolveVersion(modelsDirs, plan.base);
    return {
      model: asked,
      labels: plan.labels,
      input: base.manifest.input,
      task: plan.task,
      unfamiliarAbove: plan.unfamiliar_above,
      base,
      isPlanned: true,
    };
  }

  /** Deletes a version that serves nothing.
   * @throws FoveaError `not_found`, `model_in_use`, `training_running`, `forbidden` */
  async removeVersion(model: string, version: number): Promise<Removed> {
    this.#requireNoTraining(model);
    const found = await this.#versionsOf(model);
    const wanted = found.find((each) => each.version === version);
    if (wanted === undefined)
      throw new FoveaError('not_found', `The repository has no version ${version} of ${model}.`);
    if (found.length === 1)
      throw new FoveaError(
        'model_in_use',
        `Version ${version} is the only one of ${model}: delete the model.`,
      );
    await this.#options.models.requireUnused(model, version);
    this.#requireWritable(wanted.directory);
    await removeVersion(wanted.directory);
    return { versions: [version], images: 0 };
  }

  /** Takes a model out of service, and deletes its versions and training images. The history of its predictions stays.
   * @throws FoveaError `not_found`, `model_in_use` for the default model, `training_running`, `forbidden`,
   *   `catalogue_failed` */
  async removeModel(model: string): Promise<Removed> {
    const { planned, models, catalogue, stateDir } = this.#options;
    this.#requireNoTraining(model);
    const found = await this.#versionsOf(model);
    if (found.length === 0 && planned.of(model) === undefined)
      throw new FoveaError('not_found', `The repository has no model "${model}".`);
    for (const { directory } of found) this.#requireWritable(directory);
    if (models.names.includes(model)) await models.forget(model);
    try {
      for (const { directory } of found) await removeVersion(directory);
    } finally {
      // Versions that could not be deleted are served again.
      await models.discover();
    }
    await planned.remove(model);
    await rm(resolve(stateDir, 'training', model), { recursive: true, force: true });
    const { images_removed: images } = await catalogue.removeModel(model);
    return { versions: found.flatMap(({ version }) => version ?? []), images };
  }

  async #versionsOf(model: string) {
    return (await findVersions(this.#options.modelsDirs)).filter((found) => found.model === model);
  }

  #requireNoTraining(model: string): void {
    if (this.#options.trained() !== model) return;
    throw new FoveaError('training_running', `${model} is being trained. Wait for it or cancel it.`);
  }

  #requireWritable(directory: string): void {
    const { isReadOnly, modelsDirs } = this.#options;
    if (!isReadOnly || !directory.startsWith(join(resolve(modelsDirs[0]), '/'))) return;
    throw new FoveaError('forbidden', 'The version lies in a repository that this server must not write.');
  }
}
