import type { Manifest } from '../../repository/manifest.js';
import type { Compiled } from '../format.js';
import type { OnnxModel } from './read-onnx.js';

/** Turns an ONNX graph into a plan.
 * @param files contents of the files of external data, by name */
export function compileOnnx(
  _model: OnnxModel,
  _manifest: Manifest,
  _files: ReadonlyMap<string, Uint8Array>,
): Compiled {
  return { unsupported: { layer: 'model', reason: 'is an ONNX graph' } };
}
