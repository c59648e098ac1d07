// Istio's StringMatch as a compiled test. Regular expressions are RE2 and match the whole value, as in Envoy.

import { RE2JS } from 're2js';
import type { StringMatch } from '../../read/kinds/virtual-service.ts';

export type TextTest = (value: string) => boolean;

export function compileRegex(pattern: string): TextTest {
  const compiled = RE2JS.compile(pattern);
  return (value) => compiled.matches(value);
}

/** Is this match "the header is there", whatever its value? So reads an empty match, and the regex `*` (istio/istio#20629). */
export function isPresenceMatch(match: StringMatch): boolean {
  return match.regex === '*' || (match.exact === undefined && match.prefix === undefined && match.regex === undefined);
}

/** @param ignoreCase - compares without case; Envoy does not apply it to regular expressions. */
export function compileStringMatch(match: StringMatch, ignoreCase = false): TextTest {
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text);
  if (isPresenceMatch(match)) return () => true;
  if (match.exact !== undefined) {
    const wanted = fold(match.exact);
    return (value) => fold(value) === wanted;
  }
  if (match.prefix !== undefined) {
    const wanted = fold(match.prefix);
    return (value) => fold(value).startsWith(wanted);
  }
  return compileRegex(match.regex ?? '');
}
