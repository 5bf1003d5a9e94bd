import { type Expression, type Node, parseExpressionAt } from 'acorn';
import { FoveaError } from '../../../platform/errors.js';

const DEEPEST = 100;
/** Of `module.exports`, whatever a minifier called the module. */
const WHOLE_MODULE = '.exports=';

/**
 * What a CommonJS module of plain data exports. The module is parsed, never run: a package could do anything.
 * @param assignment what stands before the literal; the last place counts, because bundlers wrap the module
 * @throws FoveaError `model_invalid` when it exports something else than literals
 */
export function moduleLiteral(source: string, assignment = WHOLE_MODULE): unknown {
  const start = source.lastIndexOf(assignment);
  if (start < 0) throw new FoveaError('model_invalid', 'The module exports no literal.');
  return literalOf(expressionAt(source, start + assignment.length), 0);
}

function expressionAt(source: string, start: number): Expression {
  try {
    return parseExpressionAt(source, start, { ecmaVersion: 2020 });
  } catch (error) {
    throw new FoveaError('model_invalid', 'The module is no JavaScript that Fovea can read.', {
      cause: error,
    });
  }
}

function literalOf(node: Expression, depth: number): unknown {
  if (depth > DEEPEST) throw refusal(node);
  switch (node.type) {
    case 'Literal':
      return node.value;
    case 'UnaryExpression': {
      const value = literalOf(node.argument, depth + 1);
      if (node.operator === '!') return value === 0;
      if (node.operator === '-' && typeof value === 'number') return -value;
      throw refusal(node);
    }
    case 'BinaryExpression': {
      // A long string in several lines.
      const { left, right } = node;
      if (node.operator !== '+' || left.type === 'PrivateIdentifier') throw refusal(node);
      const parts = [literalOf(left, depth + 1), literalOf(right, depth + 1)];
      if (!parts.every((part) => typeof part === 'string')) throw refusal(node);
      return parts.join('');
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
