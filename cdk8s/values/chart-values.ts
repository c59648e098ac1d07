// The values of one chart: each is declared once, with default, description and schema, where a construct uses it.
// values.yaml and values.schema.json are written from these declarations, so a value that nothing reads cannot exist.
import { Expression, type ExpressionKind } from './expression.ts';

/** A JSON Schema fragment for one value. */
export type ValueSchema = Readonly<Record<string, unknown>>;

/** One declared value. */
export interface ValueDeclaration {
  /** Dotted path in values.yaml: `canary.weight`. */
  readonly path: string;
  readonly fallback: unknown;
  readonly description: string;
  readonly schema: ValueSchema;
}

/** Kubernetes quantities, such as `100m` or `128Mi`. */
export const quantity: ValueSchema = { type: 'string', pattern: '^[0-9]+(\\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$' };

/** Durations as Istio reads them. */
export const duration: ValueSchema = { type: 'string', pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$' };

/** Declares a chart's values and hands out the expressions that read them. */
export class ChartValues {
  readonly #declared = new Map<string, ValueDeclaration>();

  /** Everything declared so far, in order of declaration. */
  get declarations(): readonly ValueDeclaration[] {
    return [...this.#declared.values()];
  }

  string(path: string, fallback: string, description: string, schema: ValueSchema = {}): Expression<string> {
    return this.#declare(path, fallback, description, { type: 'string', ...schema }, 'string');
  }

  integer(path: string, fallback: number, description: string, schema: ValueSchema = {}): Expression<number> {
    const { template } = this.#declare(path, fallback, description, { type: 'integer', ...schema }, 'number');
    // YAML numbers reach templates as floats; `int` keeps large ones from being printed as 1e+06.
    return new Expression(`int ${template}`, fallback, 'number');
  }

  number(path: string, fallback: number, description: string, schema: ValueSchema = {}): Expression<number> {
    return this.#declare(path, fallback, description, { type: 'number', ...schema }, 'number');
  }

  boolean(path: string, fallback: boolean, description: string): Expression<boolean> {
    return this.#declare(path, fallback, description, { type: 'boolean' }, 'boolean');
  }

  /** An object or list that is copied as it is. */
  yaml<T extends object>(path: string, fallback: T, description: string, schema: ValueSchema): Expression<T> {
    return this.#declare(path, fallback, description, schema, 'yaml');
  }

  #declare<T>(
    path: string,
    fallback: T,
    description: string,
    schema: ValueSchema,
    kind: ExpressionKind,
  ): Expression<T> {
    const known = this.#declared.get(path);
    if (known !== undefined && JSON.stringify(known.fallback) !== JSON.stringify(fallback)) {
      throw new Error(`value '${path}' is declared twice, with different defaults`);
    }
    this.#declared.set(path, { path, fallback, description, schema });
    return new Expression(template(path), fallback, kind);
  }
}

/** `.Values.canary.weight`; keys that a template cannot spell go through `index`. */
function template(path: string): string {
  const keys = path.split('.');
  if (keys.every((key) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(key))) return `.Values.${path}`;
  return `(index .Values ${keys.map((key) => JSON.stringify(key)).join(' ')})`;
}
