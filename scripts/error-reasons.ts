// Writes the table of error reasons in docs/errors.md from the sources (`node scripts/error-reasons.ts`; `--check` only
// compares). A reason is what programs branch on, so that each stands in one list with its code and what it says.
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: flags } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
if (flags.help) {
  console.log(
    'usage: node scripts/error-reasons.ts [--check]\n\nWrites the table in docs/errors.md, or says whether it is up to date.',
  );
  process.exit(0);
}

interface Reason {
  readonly codes: Set<string>;
  readonly places: Set<string>;
  message: string;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const page = `${root}docs/errors.md`;
const [start, end] = ['<!-- reasons: begin -->', '<!-- reasons: end -->'];

/** An error's code, its message as it is written, and what follows up to its reason. */
const thrown =
  /RpcError\(\s*(?:'([A-Z_]+)'|\w+),\s*(?:([`'"])((?:\\.|(?!\2)[\s\S])*)\2|[\w.]+),\s*\{(?:(?!RpcError\()[\s\S]){0,400}?reason:\s*'([A-Z][A-Z_]+)'/g;

/** The same of a refusal that names a condition or a field; see kit/errors/refusals.ts. */
const refused =
  /(failedPrecondition|invalidField)\(\s*'([A-Z][A-Z_]+)',\s*[^,]+,\s*(?:([`'"])((?:\\.|(?!\3)[\s\S])*)\3|description)/g;
const codes: Readonly<Record<string, string>> = {
  failedPrecondition: 'FAILED_PRECONDITION',
  invalidField: 'INVALID_ARGUMENT',
};

interface Found {
  readonly code: string;
  readonly message: string;
  readonly reason: string;
}

function reasonsIn(text: string): Found[] {
  const errors = [...text.matchAll(thrown)].map(([, code = '', , message = '', reason = '']) => ({
    code,
    message,
    reason,
  }));
  const refusals = [...text.matchAll(refused)].map(([found, helper = '', reason = '', , literal = '']) => {
    // A long message stands in a constant before.
    const before = text.slice(0, text.indexOf(found));
    const said = [...before.matchAll(/description =\s*([`'"])((?:\\.|(?!\1)[\s\S])*)\1/g)].at(-1)?.[2] ?? '';
    return { code: codes[helper] ?? '', message: literal || said, reason };
  });
  return [...errors, ...refusals];
}

function collect(): Map<string, Reason> {
  const reasons = new Map<string, Reason>();
  for (const path of globSync('{kit,services}/**/*.ts', { cwd: root }).sort()) {
    if (/\.(test|fixture)\.ts$|\/(fixtures|testing)\//.test(path)) continue;
    for (const { code, message, reason } of reasonsIn(readFileSync(`${root}${path}`, 'utf8'))) {
      const known = reasons.get(reason) ?? { codes: new Set(), places: new Set(), message: '' };
      reasons.set(reason, known);
      if (code !== '') known.codes.add(code);
      known.places.add(path.split('/').slice(0, 2).join('/'));
      known.message ||= message;
    }
  }
  return reasons;
}

/** A message for a table: one line, with names in place of what is filled in. */
function shown(message: string): string {
  const line = message.replaceAll(
    /\$\{([^}]*)\}/g,
    (_, inner: string) => `<${/(\w+)\W*$/.exec(inner)?.[1] ?? 'value'}>`,
  );
  return line
    .replaceAll(/\s+/g, ' ')
    .replaceAll('|', '\\|')
    .replaceAll(/\\(['"`])/g, '$1');
}

const rows = [...collect()]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([reason, { codes, places, message }]) => {
    return `| \`${reason}\` | ${[...codes].sort().join(', ')} | ${shown(message)} | ${[...places].join(', ')} |`;
  });
const table = ['| reason | code | message | from |', '|---|---|---|---|', ...rows].join('\n');
const text = readFileSync(page, 'utf8');
const written = `${text.slice(0, text.indexOf(start) + start.length)}\n${table}\n${text.slice(text.indexOf(end))}`;
if (written === text) {
  console.log(`docs/errors.md: ${rows.length} reasons, up to date`);
} else if (flags.check) {
  console.error('docs/errors.md differs from the sources; run: node scripts/error-reasons.ts');
  process.exit(1);
} else {
  writeFileSync(page, written);
  console.log(`docs/errors.md: ${rows.length} reasons, written`);
}
