// Renders a synthesized tree as a Helm template: YAML in block style with actions where tokens stand.
// Layout is decided here alone, one key or element a line, so that a conditional part is whole lines and can be left out.
import { stringify } from 'yaml';
import type { Expression } from './expression.ts';
import { marked } from './token-resolver.ts';

function scalar(value: unknown): string {
  if (typeof value === 'string') {
    return escaped(stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN', singleQuote: false }).trimEnd());
  }
  return JSON.stringify(value);
}

/** Text that is data may contain what templates take for an action. */
function escaped(value: string): string {
  return value.replaceAll('{{', '{{ "{{" }}');
}

function action(expression: Expression): string {
  return expression.kind === 'string' ? `{{ ${expression.template} | quote }}` : `{{ ${expression.template} }}`;
}

function isCollection(node: unknown): node is object {
  return typeof node === 'object' && node !== null && marked(node).type === 'plain';
}

function isEmpty(node: object): boolean {
  return (Array.isArray(node) ? node : Object.keys(node)).length === 0;
}

/** Lines of `key: value` or `- value`, where `lead` is the part before the value. */
function entry(lead: string, node: unknown, indent: string): string[] {
  const mark = marked(node);
  if (mark.type === 'conditional') {
    return [`${indent}{{- if ${mark.condition.template} }}`, ...entry(lead, mark.value, indent), `${indent}{{- end }}`];
  }
  const listItem = lead === '-';
  if (mark.type === 'expression') {
    if (mark.expression.kind !== 'yaml') return [`${indent}${lead} ${action(mark.expression)}`];
    const depth = indent.length + 2;
    return [`${indent}${lead} {{- toYaml ${mark.expression.template} | nindent ${depth} }}`];
  }
  if (typeof node === 'string' && node.includes('\n')) {
    const lines = escaped(node).split('\n');
    const chomp = node.endsWith('\n') ? '|' : '|-';
    if (lines.at(-1) === '') lines.pop();
    return [`${indent}${lead} ${chomp}`, ...lines.map((line) => (line === '' ? '' : `${indent}  ${line}`))];
  }
  if (!isCollection(node)) return [`${indent}${lead} ${scalar(node)}`];
  if (isEmpty(node)) return [`${indent}${lead} ${Array.isArray(node) ? '[]' : '{}'}`];
  const inner = lines(node, `${indent}  `);
  const first = inner[0] ?? '';
  // The first line of an element shares the line of its dash, unless an action stands there.
  if (listItem && !first.trimStart().startsWith('{{-')) {
    return [`${indent}- ${first.trimStart()}`, ...inner.slice(1)];
  }
  return [`${indent}${lead}`, ...inner];
}

function lines(node: object, indent: string): string[] {
  if (Array.isArray(node)) return node.flatMap((element) => entry('-', element, indent));
  return Object.entries(node).flatMap(([key, value]) => entry(`${scalar(key)}:`, value, indent));
}

/** One object as a template document, the leading `---` included. */
export function helmTemplate(tree: unknown): string {
  const mark = marked(tree);
  if (mark.type === 'conditional') {
    return `{{- if ${mark.condition.template} }}\n${helmTemplate(mark.value)}{{- end }}\n`;
  }
  if (!isCollection(tree)) throw new TypeError('a manifest is an object');
  return `---\n${lines(tree, '').join('\n')}\n`;
}
