// Objects that are in a release only under a condition, such as the canary's Deployment.
// A condition on a construct holds for everything below it.
import type { IConstruct } from 'constructs';
import { all, type Expression } from '../values/expression.ts';

const conditions = new WeakMap<IConstruct, Expression<boolean>>();

/** Puts a construct, and all below it, under a condition. */
export function onlyWhen<C extends IConstruct>(construct: C, condition: Expression<boolean> | undefined): C {
  if (condition !== undefined) conditions.set(construct, condition);
  return construct;
}

/** The condition under which a construct is there; undefined: always. */
export function conditionOf(construct: IConstruct): Expression<boolean> | undefined {
  const found = construct.node.scopes
    .map((scope) => conditions.get(scope))
    .filter((condition): condition is Expression<boolean> => condition !== undefined);
  return found.length > 1 ? all(...found) : found[0];
}
