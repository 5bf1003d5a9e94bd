import { type Expression, type Node, parse } from 'acorn';
import { FoveaError } from '../../../platform/errors.js';

const DEEPEST = 100;
/** Of `module.exports`, whatever a minifier called the module. */
const ASSIGNMENT = '.exports=';

/**
 * What a CommonJS module of plain data exports. The module is parsed, never run: a package could do anything.
 * @throws FoveaError `model_invalid` when it exports something else than literals
 */
export function moduleLiteral(source: string): unknown {
  // Bundlers wrap the module: what comes before the last assignment is theirs, and so is what follows the literal.
  const start = source.lastIndexOf(ASSIGNMENT);
  const expression = start < 0 ? undefined : firstExpression(source.slice(start + ASSIGNMENT.length));
  if (expression === undefined) throw new FoveaError('model_invalid', 'The module exports no literal.');
  return literalOf(expression, 0);
}

function firstExpression(source: string): Expression | undefined {
  const end = source.lastIndexOf('},{}]');
  try {
    const [statement] = parse(`(${source.slice(0, end < 0 ? undefined : end)})`, { ecmaVersion: 2020 }).body;
    return statement?.type === 'ExpressionStatement' ? statement.expression : undefined;
  } catch (error) {
    throw new FoveaError('model_invalid', 'The module is no JavaScript that Fovea can read.', {
      cause: error,
    });
  }
}

function literalOf(node: Expression, depth: number): unknown {
  if (depth > DEEPEST) throw refusal(node);
  switch (node.type) {
    case 'ParenthesizedExpression':
      return literalOf(node.expression, depth + 1);
    case 'Literal':
      return node.value;
    case 'UnaryExpression': {
      const value = literalOf(node.argument, depth + 1);
      if (node.operator === '!') return value === 0;
      if (node.operator === '-' && typeof value === 'number') return -value;
      throw refusal(node);
    }
    case 'ArrayExpression':
      return node.elements.map((element) => {
        if (element === null || element.type === 'SpreadElement') throw refusal(node);
        return literalOf(element, depth + 1);
      });
    case 'ObjectExpression':
      return Object.fromEntries(
        node.properties.map((property) => {
          if (property.type !== 'Property' || property.computed || property.kind !== 'init')
            throw refusal(node);
          const { key, value } = property;
          if (key.type === 'Identifier') return [key.name, literalOf(value, depth + 1)];
          if (key.type === 'Literal') return [String(key.value), literalOf(value, depth + 1)];
          throw refusal(key);
        }),
      );
    default:
      throw refusal(node);
  }
}

function refusal({ type }: Node): FoveaError {
  return new FoveaError('model_invalid', `The module holds code (${type}), where only data was expected.`);
}
