// Renders a synthesized tree at the defaults of its chart: what `helm template` without values must print.
// A part whose condition does not hold is left out, key and all.
import { marked } from './token-resolver.ts';

const absent = Symbol('absent');

function render(node: unknown): unknown {
  const mark = marked(node);
  if (mark.type === 'expression') return mark.expression.fallback;
  if (mark.type === 'conditional') return mark.condition.fallback === true ? render(mark.value) : absent;
  if (Array.isArray(node)) return node.map(render).filter((element) => element !== absent);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([key, value]) => [key, render(value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== absent && value !== undefined));
}

/** The tree at its defaults, or undefined when the whole of it is conditional and absent. */
export function atDefaults(tree: unknown): unknown {
  const rendered = render(tree);
  return rendered === absent ? undefined : rendered;
}
