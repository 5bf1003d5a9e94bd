import { Facts } from '../../src/models/importing/facts.js';
import { inTemporaryVersion, type ReadModel } from '../../src/models/importing/import-model.js';
import type { ModelVersion } from '../../src/models/repository/model-version.js';
import { expectedOf, fixturePixels } from './imported-models.js';
import type { loadNative } from './load-engine.js';

/** What the files of most fixtures do not say. */
export function labelled(): Facts {
  const facts = new Facts();
  facts.state('labels', ['a', 'b', 'c', 'd'], '--labels');
  facts.state('resize', { mode: 'stretch', interpolation: 'bilinear', antialias: true }, '--resize');
  return facts;
}

/** The greatest difference between an engine and the model's own framework, in the second row of a batch. */
export async function furthestFrom(
  wanted: readonly number[],
  version: ModelVersion,
  load: typeof loadNative,
): Promise<number> {
  const engine = await load(version, { maxBatchSize: 2, device: 'cpu', threads: 1, precision: 'float32' });
  const outputs = new Float32Array(8);
  engine.run(fixturePixels(2), 2, outputs);
  engine.dispose();
  return Math.max(...wanted.map((value, index) => Math.abs(value - (outputs[4 + index] ?? Number.NaN))));
}

export async function furthestOff(model: ReadModel, load: typeof loadNative, file: string): Promise<number> {
  const wanted = await expectedOf(file);
  return inTemporaryVersion(model, (version) => furthestFrom(wanted, version, load));
}
