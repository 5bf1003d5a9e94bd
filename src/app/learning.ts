import type { History } from '../insight/history/history.js';
import type { KeptImages } from '../insight/history/kept-images.js';
import type { TrainingDataControl } from '../learning/catalogue/training-data-control.js';
import type { EvaluationControl } from '../learning/evaluation/evaluation-control.js';
import type { Evaluations } from '../learning/evaluation/evaluations.js';
import { OwnModels } from '../learning/own-models/own-models.js';
import type { TrainingJobs } from '../learning/training/jobs.js';
import type { TrainingControl } from '../learning/training/training-control.js';
import type { PlannedModels } from '../models/repository/planned-models.js';
import type { DiskSpace } from '../platform/disk-space.js';
import type { ServedModels } from '../serving/rollout/served-models.js';
import type { ServiceState } from '../serving/service-state.js';
import { createCatalogue } from './catalogue.js';
import { modelsDirsOf } from './config/derived.js';
import type { Deps } from './deps.js';
import { createEvaluating, createEvaluations } from './evaluation.js';
import { createState } from './state.js';
import { createJobs, createRetraining, dataModelOf } from './training.js';

interface LearningNeeds {
  readonly state: ServiceState;
  readonly models: ServedModels;
  readonly planned: PlannedModels;
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
    readonly own: OwnModels;
    readonly retraining: TrainingControl;
    readonly evaluation: EvaluationControl;
    readonly trainingData: TrainingDataControl;
  };
}

export function createLearning(deps: Deps, needs: LearningNeeds): Learning {
  const { state, models, planned, history, images, disk } = needs;
  const { evaluation, uploads, storage, repository } = deps.config;
  const ask = createState(deps, state);
  const jobs = createJobs(deps, models, ask);
  const evaluations = createEvaluations(deps, ask);
  const evaluating = createEvaluating(deps, {
    evaluations,
    served: () => state.describedModel({}).classifier.version,
    dataModel: () => dataModelOf(deps.config, models),
    requireRoom: disk.require,
  });
  const catalogue = createCatalogue(deps, { ask, requireRoom: disk.require });
  const own = new OwnModels({
    planned,
    models,
    catalogue,
    modelsDirs: modelsDirsOf(deps.config),
    isReadOnly: repository.isReadOnly,
    stateDir: storage.stateDir,
    trained: () => (jobs.isRunning ? jobs.current?.request.model : undefined),
  });
  const subjectOf = (model: string | undefined) => own.subjectOf(model);
  return {
    jobs,
    evaluations,
    controls: {
      own,
      retraining: createRetraining(deps, { jobs, models, ask, requireRoom: disk.require, subjectOf }),
      evaluation: {
        timeoutMs: evaluation.timeoutMs,
        start: (wanted) => evaluating.start(wanted),
        store: evaluations,
        newestSummaryOf: (version) => evaluations.newestSummaryOf(version),
      },
      trainingData: {
        ...uploads,
        catalogue,
        history,
        pathOf: (sha256) => images?.pathOf(sha256),
        subjectOf,
      },
    },
  };
}
