import type { EngineInfo } from '../../src/serving/rollout/classifier.js';

/** Of classifiers that tests make by hand. */
export const ENGINE_INFO: EngineInfo = {
  name: 'native',
  device: 'cpu',
  precision: 'float32',
  instances: 1,
  inputTypes: ['uint8'],
  saturationRows: 1,
  passedOver: [],
  autoPrecision: null,
};
