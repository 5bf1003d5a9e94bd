import { sizeOf } from '../../../plan/plan.js';
import { type Computed, computed, fail, type NodeCall } from '../graph-builder.js';
import { arranged, computedAt, dimsOf } from '../views.js';

/** The product of two computed values, such as queries and keys: of each pair of matrices in the last two dimensions. */
export function matrixProduct(call: NodeCall): Computed {
  const [left, right] = [computed(call, 0), computed(call, 1)];
  const [dims, others] = [dimsOf(left), dimsOf(right)];
  const rank = dims.length;
  const [row, column] = [rank - 2, rank - 1];
  const isPaired = dims.slice(0, row).join() === others.slice(0, row).join();
  if (rank < 2 || others.length !== rank || !isPaired || dims[column] !== others[row])
    fail(call, `multiplies [${dims.join(', ')}] by [${others.join(', ')}]`);
  const outer = [...Array(row).keys()].filter((place) => dims[place] !== 1);
  const transposed = isBefore(right, column, row);
  const matrices = (value: Computed, last: readonly number[]) => {
    const { id, shape } = arranged(call, value, [...outer, ...last]);
    const whole = [sizeOf(shape.slice(0, -2)), ...shape.slice(-2)];
    return whole.length === shape.length ? id : call.add({ op: 'reshape', shape: whole }, [id]);
  };
  const factors = [
    matrices(left, [row, column]),
    matrices(right, transposed ? [column, row] : [row, column]),
  ];
  const count = sizeOf(outer.map((place) => dims[place] ?? 1));
  const [rows, columns] = [dims[row] ?? 1, others[column] ?? 1];
  const product = call.add({ op: 'matMul', transposed, shape: [count, rows, columns] }, factors);
  const shape = [...outer.map((place) => dims[place] ?? 1), rows, columns];
  const id = outer.length === 1 ? product : call.add({ op: 'reshape', shape }, [product]);
  return computedAt(id, shape, rank, [...outer, row, column]);
}

/** Whether one dimension of ONNX runs slower in the plan than another. */
function isBefore({ axes }: Computed, place: number, other: number): boolean {
  return Math.min(...(axes[place] ?? [])) < Math.min(...(axes[other] ?? []));
}
