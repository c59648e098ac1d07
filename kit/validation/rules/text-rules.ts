// Rules about strings and bytes. The length of a string is counted in Unicode code points, as protovalidate counts.
import type { OptionValue } from '../../contract/options.ts';
import { type Check, violated } from '../check.ts';
import { linearPattern } from './linear-pattern.ts';
import { listChecks } from './ordered-rules.ts';
import type { RuleReader } from './rule-reader.ts';
import { stringFormats } from './string-formats.ts';

function codePoints(text: string): number {
  let count = text.length;
  for (let index = 0; index < text.length - 1; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit < 0xdc00) count--;
  }
  return count;
}

function lengthChecks(
  rules: RuleReader,
  names: readonly [exact: string, min: string, max: string],
  unit: string,
  measure: (value: unknown) => number,
): Check[] {
  const [exactRule, minRule, maxRule] = names;
  const exact = rules.number(exactRule);
  const min = rules.number(minRule);
  const max = rules.number(maxRule);
  const checks: Check[] = [];
  const plural = (count: number): string => `${count} ${unit}${count === 1 ? '' : 's'}`;
  if (exact !== undefined) {
    checks.push((value, violations) => {
      if (measure(value) !== exact) violated(violations, rules.id(exactRule), `must be exactly ${plural(exact)} long`);
    });
  }
  if (min !== undefined) {
    const text = min === 1 ? 'must not be empty' : `must be at least ${plural(min)} long`;
    checks.push((value, violations) => {
      if (measure(value) < min) violated(violations, rules.id(minRule), text);
    });
  }
  if (max !== undefined) {
    checks.push((value, violations) => {
      if (measure(value) > max) violated(violations, rules.id(maxRule), `must be at most ${plural(max)} long`);
    });
  }
  return checks;
}

function partCheck(
  rules: RuleReader,
  name: string,
  holds: (text: string, part: string) => boolean,
  words: string,
): Check[] {
  const part = rules.text(name);
  if (part === undefined) return [];
  return [
    (value, violations) => {
      if (!holds(value as string, part)) violated(violations, rules.id(name), `must ${words} '${part}'`);
    },
  ];
}

function patternCheck(rules: RuleReader, text: (value: unknown) => string): Check[] {
  const pattern = rules.text('pattern');
  if (pattern === undefined) return [];
  const matches = linearPattern(pattern);
  return [
    (value, violations) => {
      if (!matches(text(value))) violated(violations, rules.id('pattern'), `must match ${pattern}`);
    },
  ];
}

/** PostgreSQL's text holds every character but this one, and nobody types it: refused here, it cannot fail in a handler. */
const nul: Check = (value, violations) => {
  if ((value as string).includes('\0')) violated(violations, 'string.no_nul', 'must not hold the character U+0000');
};

/** Checks of a string. */
export function stringChecks(rules: RuleReader): Check[] {
  const own = (value: unknown): string => value as string;
  const parse = (value: OptionValue): string => String(value);
  const quote = (text: string): string => `'${text}'`;
  const constant = rules.text('const');
  const formats = Object.entries(stringFormats).filter(([name]) => rules.flag(name));
  return [
    nul,
    ...lengthChecks(rules, ['len', 'min_len', 'max_len'], 'character', (value) => codePoints(value as string)),
    ...lengthChecks(rules, ['len_bytes', 'min_bytes', 'max_bytes'], 'byte', (value) =>
      Buffer.byteLength(value as string),
    ),
    ...patternCheck(rules, own),
    ...partCheck(rules, 'prefix', (text, part) => text.startsWith(part), 'begin with'),
    ...partCheck(rules, 'suffix', (text, part) => text.endsWith(part), 'end with'),
    ...partCheck(rules, 'contains', (text, part) => text.includes(part), 'contain'),
    ...partCheck(rules, 'not_contains', (text, part) => !text.includes(part), 'not contain'),
    ...(constant === undefined
      ? []
      : [
          ((value, violations) => {
            if (value !== constant) violated(violations, rules.id('const'), `must be ${quote(constant)}`);
          }) satisfies Check,
        ]),
    ...listChecks(rules, own, parse, quote),
    ...formats.map(
      ([name, format]): Check =>
        (value, violations) => {
          if (!format.matches(value as string)) violated(violations, rules.id(name), format.description);
        },
    ),
  ];
}

/** Checks of bytes. */
export function bytesChecks(rules: RuleReader): Check[] {
  const binary = (value: unknown): string => Buffer.from(value as Uint8Array).toString('latin1');
  return [
    ...lengthChecks(rules, ['len', 'min_len', 'max_len'], 'byte', (value) => (value as Uint8Array).length),
    ...patternCheck(rules, (value) => Buffer.from(value as Uint8Array).toString('utf8')),
    ...partCheck(rules, 'prefix', (text, part) => text.startsWith(part), 'begin with').map(onBinary(binary)),
    ...partCheck(rules, 'suffix', (text, part) => text.endsWith(part), 'end with').map(onBinary(binary)),
    ...partCheck(rules, 'contains', (text, part) => text.includes(part), 'contain').map(onBinary(binary)),
  ];
}

function onBinary(binary: (value: unknown) => string): (check: Check) => Check {
  return (check) => (value, violations) => check(binary(value), violations);
}
