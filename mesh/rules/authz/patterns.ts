// The value patterns of AuthorizationPolicy: exact, `prefix*`, `*suffix`, `*` for "present", and path templates.
// Source: Istio reference/config/security/authorization-policy (Operation, Source), conditions, "normalization".

export type ValueTest = (value: string) => boolean;

export function compilePattern(pattern: string, ignoreCase = false): ValueTest {
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  const wanted = fold(pattern);
  if (wanted === '*') return (value) => value !== '';
  if (wanted.startsWith('*')) return (value) => fold(value).endsWith(wanted.slice(1));
  if (wanted.endsWith('*')) return (value) => fold(value).startsWith(wanted.slice(0, -1));
  return (value) => fold(value) === wanted;
}

/** Paths may hold `{*}` for one segment and, at the end, `{**}` for the rest (Envoy's uri_template). */
export function compilePathPattern(pattern: string): ValueTest {
  if (!pattern.includes('{*}') && !pattern.includes('{**}')) return compilePattern(pattern);
  const source = pattern
    .split(/(\{\*\*\}|\{\*\})/)
    .map((part) => (part === '{*}' ? '[^/]+' : part === '{**}' ? '.*' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')))
    .join('');
  const template = new RegExp(`^${source}$`);
  return (value) => template.test(value);
}

export function anyOf(
  patterns: readonly string[],
  compile: (pattern: string) => ValueTest = compilePattern,
): ValueTest {
  const tests = patterns.map(compile);
  return (value) => tests.some((test) => test(value));
}
