import { z } from 'zod';
import type { DatabaseName } from '../../platform/database/database-name.js';
import type { CataloguePage, CatalogueQuery, Upload } from '../catalogue/catalogue-schema.js';
import type { CatalogueSelection } from '../datasets/catalogue.js';
import type { Evaluation, EvaluationSummary } from '../evaluation/evaluation.js';
import type { EvaluationFilter } from '../evaluation/evaluation-store.js';
import type { TrainingJob } from '../training/training-job.js';
import type { KeptRows } from './kept-rows.js';

/** Name and code in errors of the state thread itself. */
export const STATE: DatabaseName = { name: 'state', failed: 'state_failed' };

/** Locations of the databases. */
export const statePlacesSchema = z.strictObject({
  jobsPath: z.string(),
  evaluationsPath: z.string(),
  /** The catalogue's folder. */
  catalogueFolder: z.string(),
  /** Largest size of each of the two database files, in SQLite pages of 4 KiB. */
  maxPages: z.int().positive().optional(),
});

export type StatePlaces = z.infer<typeof statePlacesSchema>;

/** Identifies a version in the list of evaluations. */
export interface EvaluatedVersion {
  readonly model: string;
  readonly version: number;
  /** `versionDigest` of its manifest. */
  readonly digest: string;
}

/** Request and response types of the state thread. */
export interface StateCalls {
  saveJob: { ask: TrainingJob; answer: null };
  newestJobs: { ask: { limit: number }; answer: KeptRows<TrainingJob> };
  saveEvaluation: { ask: Evaluation; answer: null };
  newestEvaluations: { ask: EvaluationFilter; answer: KeptRows<EvaluationSummary> };
  /** Null when there is none. */
  evaluationById: { ask: { id: string }; answer: Evaluation | null };
  /** The newest successful evaluation of a version. */
  bestEvaluationOf: { ask: EvaluatedVersion; answer: Evaluation | null };
  newestSummaryOf: { ask: EvaluatedVersion; answer: EvaluationSummary | null };
  /** Marks unfinished evaluations that started earlier as `interrupted`. */
  interruptEvaluations: { ask: { startedBefore: string }; answer: null };
  cataloguePage: { ask: CatalogueQuery; answer: Omit<CataloguePage, 'max_bytes'> };
  catalogueUploads: { ask: { limit: number }; answer: Upload[] };
  catalogueBytes: { ask: null; answer: number };
  /** @throws FoveaError `dataset_invalid` when no image matches */
  requireImages: { ask: CatalogueSelection; answer: null };
}

export type StateRequest<Names extends keyof StateCalls = keyof StateCalls> = {
  [Name in Names]: { readonly do: Name; readonly ask: StateCalls[Name]['ask'] };
}[Names];

/** Implementation of the calls, on the thread. */
export type StateAnswers = {
  readonly [Name in keyof StateCalls]: (ask: StateCalls[Name]['ask']) => StateCalls[Name]['answer'];
};

/** Calls the state thread. */
export type AskState = <Name extends keyof StateCalls>(
  name: Name,
  ask: StateCalls[Name]['ask'],
) => Promise<StateCalls[Name]['answer']>;
