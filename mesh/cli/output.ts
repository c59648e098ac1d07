// What the commands write: lines for people, or one JSON document with --json.

export interface Output {
  line(text?: string): void;
  json(value: unknown): void;
  error(text: string): void;
}

export const terminal: Output = {
  line: (text = '') => void process.stdout.write(`${text}\n`),
  json: (value) => void process.stdout.write(`${JSON.stringify(value, jsonValue, 2)}\n`),
  error: (text) => void process.stderr.write(`${text}\n`),
};

/** Maps and sets have no JSON form of their own. */
export function jsonValue(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  return value instanceof Set ? [...value] : value;
}

/** Two columns: a name, and what it is; long texts stay on their line, for a terminal to wrap. */
export function columns(rows: readonly (readonly [name: string, text: string])[], indent = '  '): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${indent}${name.padEnd(width)}  ${text}`.trimEnd()).join('\n');
}

export function formatMs(ms: number): string {
  if (ms === 0) return 'none';
  return ms % 1000 === 0 ? `${ms / 1000} s` : `${ms} ms`;
}

export function formatShare(share: number): string {
  return `${Math.round(share * 10_000) / 100} %`;
}
