// Lets tokens through cdk8s: its App resolves every value, and only plain objects survive that.
// Tokens become marker objects here and are read back by the renderers, after cdk8s has built the object.
import type { IResolver, ResolutionContext } from 'cdk8s';
import { Conditional, Expression } from './expression.ts';

const expressionKey = '$expression';
const conditionKey = '$condition';

const expressions: Expression[] = [];
const positions = new Map<Expression, number>();

function keep(expression: Expression): number {
  let position = positions.get(expression);
  if (position === undefined) {
    position = expressions.push(expression) - 1;
    positions.set(expression, position);
  }
  return position;
}

/** Replaces tokens by markers. */
export class TokenResolver implements IResolver {
  resolve(context: ResolutionContext): void {
    const { value } = context;
    if (value instanceof Expression) context.replaceValue({ [expressionKey]: keep(value) });
    if (value instanceof Conditional) {
      context.replaceValue({ [conditionKey]: keep(value.condition), value: value.value });
    }
  }
}

/** What a node of a synthesized tree is. */
export type Marked =
  | { readonly type: 'expression'; readonly expression: Expression }
  | { readonly type: 'conditional'; readonly condition: Expression; readonly value: unknown }
  | { readonly type: 'plain' };

function at(position: unknown): Expression {
  const expression = typeof position === 'number' ? expressions[position] : undefined;
  if (expression === undefined) throw new Error('a marker names no expression');
  return expression;
}

/** Reads a marker back; anything else is plain. Trees that never went through cdk8s may hold the tokens themselves. */
export function marked(node: unknown): Marked {
  if (node instanceof Expression) return { type: 'expression', expression: node };
  if (node instanceof Conditional) return { type: 'conditional', condition: node.condition, value: node.value };
  if (typeof node === 'object' && node !== null) {
    const record = node as Readonly<Record<string, unknown>>;
    if (expressionKey in record) return { type: 'expression', expression: at(record[expressionKey]) };
    if (conditionKey in record) {
      return { type: 'conditional', condition: at(record[conditionKey]), value: record.value };
    }
  }
  return { type: 'plain' };
}
