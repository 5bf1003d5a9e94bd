import type { ApiParts } from '../fronts/http/api/table.js';
import type { History } from '../insight/history/history.js';
import type { KeptImages } from '../insight/history/kept-images.js';
import type { Evaluations } from '../learning/evaluation/evaluations.js';
import type { TrainingJobs } from '../learning/training/jobs.js';
import type { ServedModels } from '../serving/rollout/served-models.js';
import type { ServiceState } from '../serving/service-state.js';
import { makeCatalogue } from './catalogue.js';
import { makeEvaluating, makeEvaluations } from './evaluation.js';
import { makeState } from './state.js';
import type { Surroundings } from './surroundings.js';
import { makeJobs, makeRetraining } from './training.js';

interface LearningNeeds {
  readonly state: ServiceState;
  readonly models: ServedModels;
  readonly history: History;
  readonly images: KeptImages | undefined;
}

/** Training, evaluation, and the images that clients upload for them. */
export interface Learning {
  readonly jobs: TrainingJobs;
  readonly evaluations: Evaluations;
  readonly api: Pick<ApiParts, 'retraining' | 'evaluation' | 'trainingData'>;
}

export function makeLearning(surroundings: Surroundings, needs: LearningNeeds): Learning {
  const { state, models, history, images } = needs;
  const { evaluation, uploads } = surroundings.config;
  const { ask } = makeState(surroundings);
  const jobs = makeJobs(surroundings, models, ask);
  const evaluations = makeEvaluations(surroundings, ask);
  const evaluating = makeEvaluating(surroundings, {
    evaluations,
    served: () => state.describedModel({}).classifier.version,
  });
  return {
    jobs,
    evaluations,
    api: {
      retraining: makeRetraining(surroundings, jobs, models, ask),
      evaluation: {
        timeoutMs: evaluation.timeoutMs,
        start: (wanted) => evaluating.start(wanted),
        store: evaluations,
        newestSummaryOf: (version) => evaluations.newestSummaryOf(version),
      },
      trainingData: {
        ...uploads,
        catalogue: makeCatalogue(surroundings, ask),
        history,
        pathOf: (sha256) => images?.pathOf(sha256),
        active: async (model = models.defaultModel) =>
          (await models.loadedOf(model)).active.classifier.version,
      },
    },
  };
}
