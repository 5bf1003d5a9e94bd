import { FoveaError } from '../../platform/errors.js';
import type { Duration, InferenceStatistics } from '../../serving/inference-statistics.js';
import type { AskedModel } from '../../serving/rollout/served-model.js';
import type { Service } from '../../serving/service-state.js';

const NS_PER_MS = 1_000_000;

export interface StatisticsDeps {
  readonly service: Pick<Service, 'models' | 'stateOf'>;
  readonly statistics: Pick<InferenceStatistics, 'of'>;
}

function nanoseconds({ count, ms }: Duration): { count: number; ns: number } {
  return { count, ns: Math.round(ms * NS_PER_MS) };
}

const NOTHING = { count: 0, ns: 0 };

/** Statistics of the versions that serve.
 * @param asked.model undefined: all models
 * @throws FoveaError `not_found` */
export function modelStatistics({ service, statistics }: StatisticsDeps, { model, version }: AskedModel) {
  const known = model === undefined ? service.models : [service.stateOf(model) ?? []].flat();
  if (known.length === 0) throw new FoveaError('not_found', `The repository has no model "${model}".`);
  const served = known.flatMap(({ name, versions }) =>
    versions.map((number) => ({ model: name, version: number })),
  );
  const chosen = served.filter((each) => version === undefined || each.version === version);
  if (version !== undefined && chosen.length === 0)
    throw new FoveaError('not_found', 'This model version is not in service.');
  return { model_stats: chosen.map((each) => describe(each, statistics)) };
}

function describe(
  each: { readonly model: string; readonly version: number },
  statistics: Pick<InferenceStatistics, 'of'>,
) {
  const { lastInferenceMs, images, success, fail, queue, decode, inference, batches } = statistics.of(each);
  const executions = [...batches.values()].reduce((sum, { count }) => sum + count, 0);
  return {
    name: each.model,
    version: String(each.version),
    last_inference: lastInferenceMs,
    inference_count: images,
    execution_count: executions,
    inference_stats: {
      success: nanoseconds(success),
      fail: nanoseconds(fail),
      queue: nanoseconds(queue),
      compute_input: nanoseconds(decode),
      compute_infer: nanoseconds(inference),
      compute_output: { count: success.count, ns: 0 },
      cache_hit: NOTHING,
      cache_miss: NOTHING,
    },
    batch_stats: [...batches]
      .toSorted(([a], [b]) => a - b)
      .map(([rows, duration]) => ({
        batch_size: rows,
        compute_input: { count: duration.count, ns: 0 },
        compute_infer: nanoseconds(duration),
        compute_output: { count: duration.count, ns: 0 },
      })),
  };
}
