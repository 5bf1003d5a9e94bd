import type { Plan } from '../../src/models/plan/plan.js';
import { PlanBuilder, type Value } from './plan-builder.js';

/** The shipped architecture: 849,066 parameters, 32 × 32 × 3. */
export function cifar10Plan(): Plan {
  const net = new PlanBuilder([32, 32, 3]);
  let x = net.input;
  for (const filters of [32, 64, 128]) {
    for (let repeat = 0; repeat < 2; repeat++)
      x = net.conv2d(x, { filters, size: 3, padding: 'same', activation: 'relu' });
    x = net.maxPool(x, { size: 2 });
  }
  x = net.dense(net.flatten(x), 256, 'relu');
  x = net.dense(x, 128, 'relu');
  return net.build(net.dense(x, 10, 'softmax'));
}

/** ResNet-50 v1.5: the stride of a block lies in its 3 × 3 convolution. 25.6 million parameters, 4.1 GMAC.
 * @source He et al., Deep Residual Learning for Image Recognition, 2015; torchvision's resnet50 */
export function resNet50Plan(): Plan {
  const net = new PlanBuilder([224, 224, 3]);
  let x = net.conv2d(net.input, { filters: 64, size: 7, stride: 2, padding: 3, activation: 'relu' });
  x = net.maxPool(x, { size: 3, stride: 2, padding: 1 });
  for (const [stage, blocks] of [3, 4, 6, 3].entries())
    for (let block = 0; block < blocks; block++)
      x = bottleneck(net, x, 64 * 2 ** stage, block === 0, stage > 0 && block === 0 ? 2 : 1);
  return net.build(net.dense(net.globalAveragePool(x), 1000, 'softmax'));
}

function bottleneck(net: PlanBuilder, x: Value, width: number, isFirst: boolean, stride: number): Value {
  const shortcut = isFirst ? net.conv2d(x, { filters: 4 * width, size: 1, stride, gain: 0.7 }) : x;
  let branch = net.conv2d(x, { filters: width, size: 1, activation: 'relu' });
  branch = net.conv2d(branch, { filters: width, size: 3, stride, padding: 1, activation: 'relu' });
  branch = net.conv2d(branch, { filters: 4 * width, size: 1, gain: 0.3 });
  return net.activate(net.add(branch, shortcut), 'relu');
}

/** MobileNetV2 at width 1: 3.5 million parameters, 0.3 GMAC.
 * @source Sandler et al., MobileNetV2: Inverted Residuals and Linear Bottlenecks, 2018 */
export function mobileNetV2Plan(): Plan {
  const net = new PlanBuilder([224, 224, 3]);
  let x = net.conv2d(net.input, { filters: 32, size: 3, stride: 2, padding: 'same', activation: 'relu6' });
  const stages = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
  ] as const;
  for (const [expansion, filters, repeats, stride] of stages)
    for (let repeat = 0; repeat < repeats; repeat++)
      x = invertedResidual(net, x, { expansion, filters, stride: repeat === 0 ? stride : 1 });
  x = net.conv2d(x, { filters: 1280, size: 1, activation: 'relu6' });
  return net.build(net.dense(net.globalAveragePool(x), 1000, 'softmax'));
}

interface Residual {
  readonly expansion: number;
  readonly filters: number;
  readonly stride: number;
}

function invertedResidual(net: PlanBuilder, x: Value, { expansion, filters, stride }: Residual): Value {
  const channels = x.shape[2] ?? 0;
  let branch = x;
  if (expansion > 1)
    branch = net.conv2d(branch, { filters: channels * expansion, size: 1, activation: 'relu6' });
  branch = net.depthwiseConv2d(branch, { size: 3, stride, padding: 'same', activation: 'relu6' });
  branch = net.conv2d(branch, { filters, size: 1, gain: 0.5 });
  return stride === 1 && channels === filters ? net.add(x, branch) : branch;
}
