// What counts as a line of code, and that the check says no.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeLines } from './service-size.ts';

test('imports, types and braces count; blank lines and comments do not', () => {
  const text = [
    '// A head.',
    "import { a } from 'a';",
    '',
    '/** One line. */',
    'interface B {',
    '  /* Two',
    '     lines. */',
    '  readonly c: string; // Beside code.',
    '  /* before code */ readonly d: string;',
    '}',
    '/**',
    ' * A docstring.',
    ' */',
    'export const e = `',
    '  select 1`;',
  ].join('\n');
  assert.equal(codeLines(text), 7);
});
