import { parentPort, workerData } from 'node:worker_threads';
import { catalogueBytes, readPage, readUploads } from '../src/learning/catalogue/catalogue-reader.js';
import { readCatalogue } from '../src/learning/catalogue/database.js';
import { requireImages } from '../src/learning/datasets/catalogue.js';
import { EVALUATIONS, EvaluationStore } from '../src/learning/evaluation/evaluation-store.js';
import { OpenedOnUse } from '../src/learning/state/opened-on-use.js';
import {
  STATE,
  type StateAnswers,
  type StateCalls,
  type StateRequest,
  statePlacesSchema,
} from '../src/learning/state/state-calls.js';
import { JOBS, JobStore } from '../src/learning/training/job-store.js';
import { answerCalls, answerOpening } from '../src/platform/sqlite/answer-calls.js';
import type { WriteOptions } from '../src/platform/sqlite/open-database.js';

/* The state thread owns the connections to the lists of trainings and evaluations, and reads the catalogue. */

/** Short, because other calls wait meanwhile, and because the server retries failed saves. */
const BUSY_TIMEOUT_MS = 1000;
const NO_PAGE = { images: [], next: null, totals: [], bytes: 0 };

if (parentPort === null)
  throw new Error('workers/state.js is started as a thread by src/learning/state/state-thread.ts.');
const port = parentPort;

const places = statePlacesSchema.parse(workerData);
const { jobsPath, evaluationsPath, catalogueFolder, maxPages } = places;
const options: WriteOptions = {
  synchronous: 'FULL',
  busyTimeoutMs: BUSY_TIMEOUT_MS,
  pragmas: maxPages === undefined ? [] : [`max_page_count = ${maxPages}`],
};
const jobs = new OpenedOnUse(jobsPath, JOBS, (path) => new JobStore(path, options));
const evaluations = new OpenedOnUse(
  evaluationsPath,
  EVALUATIONS,
  (path) => new EvaluationStore(path, options),
);

const answers: StateAnswers = {
  saveJob: (job) => {
    jobs.use((store) => store.save(job));
    return null;
  },
  newestJobs: ({ limit }) => jobs.use((store) => store.newest(limit)),
  saveEvaluation: (evaluation) => {
    evaluations.use((store) => store.save(evaluation));
    return null;
  },
  newestEvaluations: (filter) => evaluations.use((store) => store.newest(filter)),
  evaluationById: ({ id }) => evaluations.use((store) => store.byId(id)) ?? null,
  bestEvaluationOf: (version) => evaluations.use((store) => store.bestOf(version)) ?? null,
  newestSummaryOf: (version) => evaluations.use((store) => store.newestSummaryOf(version)) ?? null,
  interruptEvaluations: ({ startedBefore }) => {
    evaluations.use((store) => store.interrupt(startedBefore));
    return null;
  },
  cataloguePage: (query) =>
    readCatalogue(catalogueFolder, (database) => readPage(database, query)) ?? NO_PAGE,
  catalogueUploads: ({ limit }) =>
    readCatalogue(catalogueFolder, (database) => readUploads(database, limit)) ?? [],
  catalogueBytes: () => readCatalogue(catalogueFolder, catalogueBytes) ?? 0,
  requireImages: (selection) => {
    requireImages(catalogueFolder, selection);
    return null;
  },
};

function answer<Name extends keyof StateCalls>(request: StateRequest<Name>): StateCalls[Name]['answer'] {
  return answers[request.do](request.ask);
}

answerOpening(port, STATE, () => ({ opened: answers, answer: null }));
answerCalls(port, STATE, (request: StateRequest | { readonly do: 'close' }) => {
  if (request.do !== 'close') return answer(request);
  jobs.close();
  evaluations.close();
  // The port is the thread's last handle: closing it ends the thread, after the answer was sent.
  return void setImmediate(() => port.close());
});
