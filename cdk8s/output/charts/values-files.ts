// values.yaml and values.schema.json of a chart, from the declarations that its constructs made.
// The schema knows every value and no other, so that a misspelt --set is refused instead of doing nothing.
import { stringify } from 'yaml';
import type { ValueDeclaration } from '../../values/chart-values.ts';

interface Branch {
  readonly children: Map<string, Branch>;
  declaration?: ValueDeclaration;
}

function treeOf(declarations: readonly ValueDeclaration[]): Branch {
  const root: Branch = { children: new Map() };
  for (const declaration of declarations) {
    let branch = root;
    for (const key of declaration.path.split('.')) {
      const next: Branch = branch.children.get(key) ?? { children: new Map() };
      branch.children.set(key, next);
      branch = next;
    }
    branch.declaration = declaration;
  }
  return root;
}

function inline(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : stringify(value, { collectionStyle: 'flow' }).trimEnd();
}

function yamlLines(branch: Branch, indent: string): string[] {
  return [...branch.children].flatMap(([key, child]) => {
    if (child.declaration === undefined) return [`${indent}${key}:`, ...yamlLines(child, `${indent}  `)];
    const { description, fallback } = child.declaration;
    return [`${indent}# ${description}`, `${indent}${key}: ${inline(fallback)}`];
  });
}

type Schema = Record<string, unknown>;

function schemaOf(branch: Branch, open: boolean): Schema {
  if (branch.declaration !== undefined) {
    return { description: branch.declaration.description, ...branch.declaration.schema };
  }
  const properties = Object.fromEntries(
    [...branch.children].map(([key, child]) => [key, schemaOf(child, key === 'global')]),
  );
  return { type: 'object', properties, ...(open ? {} : { additionalProperties: false }) };
}

/** What a values file starts with. */
export const generated =
  '# Written by `npm run synth` from cdk8s/. Do not edit; set values of your own with -f or --set.\n';

/** values.yaml, own values first, shared ones last. */
export function valuesYaml(declarations: readonly ValueDeclaration[]): string {
  const own = declarations.filter(({ path }) => !path.startsWith('global.'));
  const shared = declarations.filter(({ path }) => path.startsWith('global.'));
  return `${[generated.trimEnd(), ...yamlLines(treeOf(own), ''), ...yamlLines(treeOf(shared), '')].join('\n')}\n`;
}

/** values.schema.json; `extra` are keys that Helm or a parent chart sets. */
export function valuesSchema(declarations: readonly ValueDeclaration[], extra: Schema = {}): string {
  const schema = schemaOf(treeOf(declarations), false);
  const properties = { ...(schema.properties as Schema), ...extra };
  return `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', ...schema, properties }, undefined, 2)}\n`;
}
