// Reads the rules of one kind from an option and notes which were asked for, so that a rule nobody knows is found.
import { type OptionFields, type OptionValue, optionList } from '../../contract/options.ts';
import { UnsupportedRuleError } from '../check.ts';

/** The rules of one kind of a field: `{ min_len: 1, max_len: 5 }`. */
export class RuleReader {
  /** Kind of the rules: `string`. */
  readonly kind: string;
  readonly #rules: OptionFields;
  readonly #read = new Set<string>();

  constructor(kind: string, rules: OptionFields) {
    this.kind = kind;
    this.#rules = rules;
  }

  /** Id of a rule as protovalidate names it: `string.min_len`. */
  id(name: string): string {
    return `${this.kind}.${name}`;
  }

  value(name: string): OptionValue | undefined {
    this.#read.add(name);
    return this.#rules[name];
  }

  number(name: string): number | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    const number = typeof value === 'string' ? Number(value) : value;
    if (typeof number !== 'number' || Number.isNaN(number)) throw this.#bad(name, 'a number');
    return number;
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === 'string') return value;
    throw this.#bad(name, 'text');
  }

  flag(name: string): boolean {
    return this.value(name) === true;
  }

  fields(name: string): OptionFields | undefined {
    const value = this.value(name);
    if (value === undefined) return undefined;
    if (typeof value === 'object' && !Array.isArray(value)) return value as OptionFields;
    throw this.#bad(name, 'a message');
  }

  list(name: string): readonly OptionValue[] | undefined {
    const value = this.value(name);
    return value === undefined ? undefined : optionList(value);
  }

  /** @throws UnsupportedRuleError when there is a rule that was not asked for */
  finish(): void {
    const unknown = Object.keys(this.#rules).filter((name) => !this.#read.has(name) && name !== 'example');
    if (unknown.length > 0) throw new UnsupportedRuleError(`rule ${unknown.map((name) => this.id(name)).join(', ')}`);
  }

  #bad(name: string, expected: string): UnsupportedRuleError {
    return new UnsupportedRuleError(`rule ${this.id(name)} must be ${expected}`);
  }
}
