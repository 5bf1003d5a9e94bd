import type { ModelVersion } from '../../src/models/repository/model-version.js';
import type { ServedModel } from '../../src/serving/rollout/served-model.js';
import { ENGINE_INFO } from './engine-info.js';

/** A version in service that no test asks for answers.
 * @param onDrain called when it ends */
export function idleModel(version: ModelVersion, onDrain: () => void = () => undefined): ServedModel {
  return {
    summary: '',
    classifier: {
      version,
      engine: ENGINE_INFO,
      queuedRows: 0,
      classify: () => Promise.reject(new Error('Nothing is classified here.')),
      drain: () => Promise.resolve(onDrain()),
    },
  };
}
