import type { History } from '../insight/history/history.js';
import type { KeptImages } from '../insight/history/kept-images.js';
import type { TrainingDataControl } from '../learning/catalogue/training-data-control.js';
import type { EvaluationControl } from '../learning/evaluation/evaluation-control.js';
import type { Evaluations } from '../learning/evaluation/evaluations.js';
import type { TrainingJobs } from '../learning/training/jobs.js';
import type { TrainingControl } from '../learning/training/training-control.js';
import type { DiskSpace } from '../platform/disk-space.js';
import type { ServedModels } from '../serving/rollout/served-models.js';
import type { ServiceState } from '../serving/service-state.js';
import { createCatalogue } from './catalogue.js';
import type { Deps } from './deps.js';
import { createEvaluating, createEvaluations } from './evaluation.js';
import { createState } from './state.js';
import { createJobs, createRetraining, dataModelOf } from './training.js';

interface LearningNeeds {
  readonly state: ServiceState;
  readonly models: ServedModels;
  readonly history: History;
  readonly images: KeptImages | undefined;
  readonly disk: Pick<DiskSpace, 'require'>;
}

/** Training, evaluation, and the images that clients upload for them. */
export interface Learning {
  readonly jobs: TrainingJobs;
  readonly evaluations: Evaluations;
  /** What fronts show of them. */
  readonly controls: {
    readonly retraining: TrainingControl;
    readonly evaluation: EvaluationControl;
    readonly trainingData: TrainingDataControl;
  };
}

export function createLearning(deps: Deps, needs: LearningNeeds): Learning {
  const { state, models, history, images, disk } = needs;
  const { evaluation, uploads } = deps.config;
  const ask = createState(deps, state);
  const jobs = createJobs(deps, models, ask);
  const evaluations = createEvaluations(deps, ask);
  const evaluating = createEvaluating(deps, {
    evaluations,
    served: () => state.describedModel({}).classifier.version,
    dataModel: () => dataModelOf(deps.config, models),
    requireRoom: disk.require,
  });
  return {
    jobs,
    evaluations,
    controls: {
      retraining: createRetraining(deps, { jobs, models, ask, requireRoom: disk.require }),
      evaluation: {
        timeoutMs: evaluation.timeoutMs,
        start: (wanted) => evaluating.start(wanted),
        store: evaluations,
        newestSummaryOf: (version) => evaluations.newestSummaryOf(version),
      },
      trainingData: {
        ...uploads,
        catalogue: createCatalogue(deps, { ask, requireRoom: disk.require }),
        history,
        pathOf: (sha256) => images?.pathOf(sha256),
        active: async (model = models.defaultModel) =>
          (await models.loadedOf(model)).active.classifier.version,
      },
    },
  };
}
