// A value that a Helm chart fills in: a Go template expression together with what it is at the chart's defaults.
// Both renderings (infra/ and charts/) come from the same tree, so a token stands wherever its value would stand.

/** How an expression is written into YAML. */
export type ExpressionKind = 'string' | 'number' | 'boolean' | 'yaml';

/** A template expression and its value at the defaults. */
export class Expression<T = unknown> {
  /** Go template expression without braces: `.Values.canary.weight`. */
  readonly template: string;
  /** Its value when every chart value has its default. */
  readonly fallback: T;
  readonly kind: ExpressionKind;

  constructor(template: string, fallback: T, kind: ExpressionKind) {
    this.template = template;
    this.fallback = fallback;
    this.kind = kind;
  }

  /** This expression where a plain value is expected; the renderers replace it, as cdk8s does with `Lazy`. */
  get token(): T {
    return this as unknown as T;
  }
}

/** Part of an object that is there only under a condition: an object, an element of a list, or the value of a key. */
export class Conditional {
  readonly condition: Expression<boolean>;
  readonly value: unknown;

  constructor(condition: Expression<boolean>, value: unknown) {
    this.condition = condition;
    this.value = value;
  }
}

/** `value`, present only where the condition holds. */
export function when<T>(condition: Expression<boolean>, value: T): T {
  return new Conditional(condition, value) as unknown as T;
}

/** Text with expressions in it: ``text`${name}.${namespace}.svc` ``. */
export function text(
  strings: TemplateStringsArray,
  ...parts: readonly (string | number | Expression<string>)[]
): Expression<string> {
  let format = '';
  let fallback = '';
  const args: string[] = [];
  for (const [index, literal] of strings.entries()) {
    format += literal.replaceAll('%', '%%');
    fallback += literal;
    const part = parts[index];
    if (part === undefined) continue;
    if (part instanceof Expression) {
      format += '%s';
      args.push(`(${part.template})`);
      fallback += part.fallback;
    } else {
      format += String(part).replaceAll('%', '%%');
      fallback += String(part);
    }
  }
  const template = args.length === 0 ? JSON.stringify(fallback) : `printf ${JSON.stringify(format)} ${args.join(' ')}`;
  return new Expression(template, fallback, 'string');
}

/** All of the conditions. */
export function all(...conditions: readonly Expression<boolean>[]): Expression<boolean> {
  const template = `and ${conditions.map((condition) => `(${condition.template})`).join(' ')}`;
  return new Expression(
    template,
    conditions.every((condition) => condition.fallback),
    'boolean',
  );
}

/** The condition's opposite. */
export function not(condition: Expression<boolean>): Expression<boolean> {
  return new Expression(`not (${condition.template})`, !condition.fallback, 'boolean');
}

/** Whether a text is set. */
export function isSet(value: Expression<string>): Expression<boolean> {
  return new Expression(`ne (${value.template}) ""`, value.fallback !== '', 'boolean');
}

/** One of two values. */
export function either<T extends string | number>(
  condition: Expression<boolean>,
  yes: Expression<T>,
  no: Expression<T>,
): Expression<T> {
  const template = `ternary (${yes.template}) (${no.template}) (${condition.template})`;
  return new Expression(template, condition.fallback ? yes.fallback : no.fallback, yes.kind);
}
