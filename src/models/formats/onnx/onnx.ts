import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFormat } from '../format.js';
import { ONNX_FILE, OnnxSource } from './onnx-source.js';

export const onnx: ModelFormat = {
  name: 'onnx',
  files: ONNX_FILE,
  recognizes: (directory) =>
    access(join(directory, ONNX_FILE)).then(
      () => true,
      () => false,
    ),
  open: (version) => OnnxSource.open(version),
};
