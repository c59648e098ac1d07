// Regular expressions of rules, matched in linear time. V8's own engine backtracks, so it is used for expressions only
// whose shape rules that out; others run on RE2's algorithm, which is loaded when the first of them is compiled.
import { createRequire } from 'node:module';

/** Tells whether a text matches. */
export type Matches = (text: string) => boolean;

/** One atom: a literal, an escaped literal, a class; with its quantifier. */
const atom = String.raw`(?:\\[dDwW.*+?()[\]{}|/^$\\rnt-]|\[(?:\\.|[^\]\\])+\]|[^\\()[\]{}|*+?.^$])`;
const bounded = String.raw`(?:\?|\{\d{1,4}(?:,\d{1,4})?\})?`;
const unbounded = String.raw`(?:\+|\*|\{\d{1,4},\})`;
/** A group that repeats and begins with a plain character: `(-[a-z0-9]+)*`. */
const delimited = String.raw`\((?:\?:)?([^\\()[\]{}|*+?.^$])((?:${atom}(?:${unbounded}|${bounded}))*)\)(?:${unbounded}|${bounded})`;

/** A group that repeats a fixed number of times. */
const counted = String.raw`\((?:\?:)?((?:${atom}(?:${bounded}))*)\)\{\d{1,2}\}`;

const countedPattern = new RegExp(counted, 'gu');
const atomPattern = new RegExp(atom, 'gu');
const unboundedPattern = new RegExp(`${atom}${unbounded}`, 'gu');
const delimitedPattern = new RegExp(delimited, 'gu');
const flatPattern = new RegExp(`^\\^?(?:${atom}(?:${unbounded}|${bounded}))*\\$?$`, 'u');

/** True when nothing in `parts` but the delimiter itself can match the delimiter. */
function apart(delimiter: string, parts: string): boolean {
  return (parts.match(atomPattern) ?? []).every((part) => !new RegExp(`^${part}$`, 'u').test(delimiter));
}

/**
 * True for expressions on which backtracking stays cheap. Each repeating group begins with a character that nothing
 * else matches, so that there is one way to read a text, and outside of such groups at most two atoms repeat without bound.
 */
export function isPlain(expression: string): boolean {
  const delimiters: string[] = [];
  // A group that repeats a fixed number of times adds no choice.
  const flat = expression
    .replace(countedPattern, '$1')
    .replace(delimitedPattern, (_, delimiter: string, rest: string) => {
      delimiters.push(delimiter);
      return rest === '' ? delimiter : rest.replaceAll(/[+*]|\{\d+,\}/g, '');
    });
  if (delimiters.length > 2) return false;
  if (delimiters.some((delimiter) => !apart(delimiter, flat.replace(delimiter, '')))) return false;
  // What is left may have one level of groups that do not repeat: alternatives, optional parts.
  const alternatives = flat.replaceAll(/\((?:\?:)?([^()]*)\)\??/g, '|$1|').replaceAll('|^', '|');
  const parts = alternatives.split('|').filter((part) => part !== '');
  if (!parts.every((part) => flatPattern.test(part))) return false;
  return (flat.match(unboundedPattern) ?? []).length <= 2;
}

interface Re2 {
  readonly RE2JS: { compile(expression: string): { matcher(text: string): { find(): boolean } } };
}

/** Compiles an expression in RE2's syntax. */
export function linearPattern(expression: string): Matches {
  if (isPlain(expression)) {
    const native = new RegExp(expression, 'u');
    return (text) => native.test(text);
  }
  const { RE2JS } = createRequire(import.meta.url)('re2js') as Re2;
  const compiled = RE2JS.compile(expression);
  return (text) => compiled.matcher(text).find();
}
