import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFormat } from '../format.js';
import { ONNX_FILE } from './onnx-file.js';

export const onnx: ModelFormat = {
  name: 'onnx',
  files: ONNX_FILE,
  recognizes: (directory) =>
    access(join(directory, ONNX_FILE)).then(
      () => true,
      () => false,
    ),
  // The protobuf reader takes memory in each thread, so only an ONNX model loads it.
  open: async (version) => (await import('./onnx-source.js')).OnnxSource.open(version),
};
