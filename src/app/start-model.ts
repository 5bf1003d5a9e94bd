import { providerNamed } from '../models/engines/providers.js';
import { openModel } from '../models/formats/open-model.js';
import { summarizeModel } from '../models/formats/summarize-model.js';
import type { ModelVersion } from '../models/repository/model-version.js';
import type { BatchObserver } from '../serving/batching/batch-observer.js';
import type { PoolObserver } from '../serving/instances/pool-observer.js';
import type { Use } from '../serving/rollout/loaded-versions.js';
import type { ServedModel } from '../serving/rollout/served-model.js';
import { shareableHead } from '../serving/rollout/shared-trunks.js';
import { startClassifier } from '../serving/rollout/start-classifier.js';
import { precisionSettingsOf } from './config/derived.js';
import type { Deps } from './deps.js';

type Observer = Partial<BatchObserver & PoolObserver>;

interface Start {
  readonly version: ModelVersion;
  readonly use: Use;
  readonly observer: Observer;
  /** Called when no instance is left and none can be started. */
  readonly onGivenUp: () => void;
}

/** Loads a version and logs its state while it serves. */
export async function startModel(deps: Deps, start: Start): Promise<ServedModel> {
  const { config, log, cores, trunks } = deps;
  const { version, use } = start;
  const summary = summarizeModel(await openModel(version));
  const { inference } = config;
  // One instance is enough for a shadow: its answers are only recorded.
  const isShadow = use === 'shadow';
  const instances = isShadow ? 1 : inference.instances;
  const startOf = (observer: Observer, trunkWidth?: number) =>
    startClassifier(version, {
      ...inference,
      instances,
      cores: cores.take({ model: version.model, instances, isShadow }),
      autoPrecision: precisionSettingsOf(config),
      ...(trunkWidth === undefined ? {} : { trunkWidth }),
      observer,
    });
  // A shadow has an instance of its own, so that it delays no answer.
  const head = isShadow || !inference.sharesTrunks ? undefined : await shareableHead(version, inference);
  const classifier =
    head === undefined
      ? await startOf(logged(deps, start))
      : await trunks.join(start, head, (width, onGivenUp) =>
          // The rows belong to the heads, the batches to the version that was loaded first.
          startOf(logged(deps, { ...start, observer: withoutRows(start.observer), onGivenUp }), width),
        );
  const about = { model: version.model, version: version.version, engine: classifier.engine };
  const warning = providerNamed(classifier.engine.name)?.warning;
  if (warning !== undefined) log.warn(about, [warning, ...classifier.engine.passedOver].join(' '));
  log.info(about, 'ready');
  return { classifier, summary };
}

function withoutRows({ rowServed: _, rowUnserved: __, ...batches }: Observer): Observer {
  return batches;
}

/** Logs lost instances, and passes every event on. */
function logged({ log }: Deps, { observer, onGivenUp }: Start): Observer {
  return {
    ...observer,
    instanceLost: (error) => {
      observer.instanceLost?.(error);
      log.error({ err: error }, 'a model instance died: it is replaced and its batch retried');
    },
    batchTimedOut: () => {
      observer.batchTimedOut?.();
      log.error('a batch exceeded its time limit: its instance is replaced');
    },
    instanceFailedToStart: (error) => log.error({ err: error }, 'a model instance could not start'),
    poolGaveUp: (error) => {
      log.fatal({ err: error }, 'no model instance can start: restart the server');
      onGivenUp();
    },
  };
}
