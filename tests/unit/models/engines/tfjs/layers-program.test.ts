import tf = require('@tensorflow/tfjs');

import t from 'tap';
import { layersProgram } from '../../../../../src/models/engines/tfjs/tfjs-program.js';
import type { TfjsModel } from '../../../../../src/models/formats/tfjs-files/tfjs-model.js';

/** A model of two layers that no weights belong to. */
function modelWith(padding: object, activation: string): TfjsModel {
  const layers = [
    {
      class_name: 'ZeroPadding2D',
      config: { name: 'edge', batch_input_shape: [null, 4, 4, 3], ...padding },
    },
    { class_name: 'Activation', config: { name: 'bend', activation } },
  ];
  return {
    topology: { class_name: 'Sequential', config: { name: 'model', layers } },
    weightSpecs: [],
    weightData: new ArrayBuffer(0),
  };
}

t.test('the error names the layer that tfjs cannot load, and its setting', async (t) => {
  (await layersProgram(tf, modelWith({}, 'relu'))).dispose();
  await t.rejects(layersProgram(tf, modelWith({ padding: [1, 2, 3] }, 'relu')), {
    code: 'model_invalid',
    message: /the layer edge \(ZeroPadding2D\): .*padding/i,
  });
  await t.rejects(layersProgram(tf, modelWith({}, 'wavy')), {
    code: 'model_invalid',
    message: /^tfjs cannot load the layer bend \(Activation\): Unknown activation: wavy\.$/,
  });
  const unknown = modelWith({}, 'relu');
  const renamed: Record<string, unknown> = JSON.parse(
    JSON.stringify(unknown.topology).replace('ZeroPadding2D', 'Frobnicate'),
  );
  await t.rejects(layersProgram(tf, { ...unknown, topology: renamed }), {
    message: /the layer edge \(Frobnicate\): Unknown layer: Frobnicate/,
  });
});
