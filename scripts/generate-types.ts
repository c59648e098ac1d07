// Writes TypeScript types for every contract in proto/ to proto/gen/ (`npm run generate`; `--check` only compares).
// Types describe what the kit's codecs hand out: camelCase, enums as names, 64-bit integers as numbers, timestamps as Date.
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { parseArgs } from 'node:util';
import protobuf from 'protobufjs';
import { contractFiles, loadRoot, protoFolder } from '../kit/contract/proto-root.ts';

const { values: flags } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
if (flags.help) {
  console.log(
    'usage: npm run generate [-- --check]\n\nWrites proto/gen/ from proto/. With --check, only says whether it is up to date.',
  );
  process.exit(0);
}

const banner = '// Generated from proto/ by `npm run generate`. Do not edit.\n';
const scalars: Readonly<Record<string, string>> = { string: 'string', bool: 'boolean', bytes: 'Uint8Array' };
const wellKnown: Readonly<Record<string, string>> = {
  '.google.protobuf.Timestamp': 'Date',
  '.google.protobuf.Duration': '{ seconds: number; nanos: number }',
  '.google.protobuf.FieldMask': '{ paths: string[] }',
  '.google.protobuf.Empty': 'Record<never, never>',
  '.google.protobuf.Any': '{ typeUrl: string; value: Uint8Array }',
};

const files = contractFiles();
const root = loadRoot(files);
const outputs = new Map<string, string>();
const contracts: string[] = [];
const messages: string[] = [];
const sources: string[] = [];
const contractImports = new Map<string, Set<string>>();

/** `fairlead.user.v1.User.Profile` is `UserProfile`'s place: nested names are joined with an underscore. */
function nameOf(type: protobuf.Type | protobuf.Enum): string {
  const names = [type.name];
  for (let parent = type.parent; parent instanceof protobuf.Type; parent = parent.parent) names.unshift(parent.name);
  return names.join('_');
}

function fileOf(object: protobuf.ReflectionObject): string {
  const path = object.filename ?? (object.parent ? fileOf(object.parent) : '');
  return path.startsWith(protoFolder) ? path.slice(protoFolder.length + 1).replaceAll('\\', '/') : path;
}

function docs(object: protobuf.ReflectionObject, indent = ''): string {
  const text = object.comment?.trim();
  if (!text) return '';
  const lines = text.split('\n').map((line) => line.replaceAll('*/', '* /').trimEnd());
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line ? ` ${line}` : ''}\n`).join('')}${indent} */\n`;
}

class OutputFile {
  readonly source: string;
  readonly imports = new Map<string, Set<string>>();
  body = '';
  constructor(source: string) {
    this.source = source;
  }
  get path(): string {
    return this.source.replace(/\.proto$/, '.ts');
  }
  reference(type: protobuf.Type | protobuf.Enum): string {
    const known = wellKnown[type.fullName];
    if (known !== undefined) return known;
    const name = nameOf(type);
    const source = fileOf(type);
    if (source !== this.source) {
      let relative = posix.relative(posix.dirname(this.source), source).replace(/\.proto$/, '.ts');
      if (!relative.startsWith('.')) relative = `./${relative}`;
      this.imports.set(relative, (this.imports.get(relative) ?? new Set()).add(name));
    }
    return name;
  }
  text(): string {
    const imports = [...this.imports]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, names]) => `import type { ${[...names].sort().join(', ')} } from '${path}';\n`)
      .join('');
    return `${banner}${imports}${this.body}`;
  }
}

function valueType(file: OutputFile, field: protobuf.Field): string {
  field.resolve();
  const type = field.resolvedType;
  return type === null ? (scalars[field.type] ?? 'number') : file.reference(type);
}

function property(file: OutputFile, field: protobuf.Field): string {
  const value = valueType(file, field);
  const head = docs(field, '  ');
  if (field instanceof protobuf.MapField) return `${head}  ${field.name}: Record<string, ${value}>;\n`;
  if (field.repeated) return `${head}  ${field.name}: ${/[ |]/.test(value) ? `(${value})` : value}[];\n`;
  if (field.partOf !== null) return `${head}  ${field.name}?: ${value};\n`;
  const nullable = field.resolvedType instanceof protobuf.Type ? ' | null' : '';
  return `${head}  ${field.name}: ${value}${nullable};\n`;
}

function emitType(file: OutputFile, type: protobuf.Type): void {
  file.body += `\n${docs(type)}export interface ${nameOf(type)} {\n`;
  for (const field of type.fieldsArray) file.body += property(file, field);
  for (const oneof of type.oneofsArray) {
    if (oneof.isProto3Optional) continue;
    const names = oneof.fieldsArray.map((field) => `'${field.name}'`).join(' | ');
    file.body += `  /** Name of the field of this oneof that is set. */\n  ${oneof.name}?: ${names};\n`;
  }
  file.body += '}\n';
  messages.push(`  '${type.fullName.slice(1)}': ${importForIndex(type)};\n`);
  sources.push(`  '${type.fullName.slice(1)}': '${file.source}',\n`);
}

function importForIndex(type: protobuf.Type): string {
  const known = wellKnown[type.fullName];
  if (known !== undefined) return known;
  const alias = type.fullName.slice(1).replaceAll('.', '_');
  const path = `./${fileOf(type).replace(/\.proto$/, '.ts')}`;
  contractImports.set(path, (contractImports.get(path) ?? new Set()).add(`${nameOf(type)} as ${alias}`));
  return alias;
}

function emitService(file: OutputFile, service: protobuf.Service): void {
  contracts.push(`${docs(service, '  ')}  '${service.fullName.slice(1)}': {\n`);
  for (const method of service.methodsArray) {
    method.resolve();
    if (method.resolvedRequestType === null || method.resolvedResponseType === null) {
      throw new Error(`${method.fullName}: request or response type is unknown`);
    }
    const kind = method.requestStream
      ? method.responseStream
        ? 'bidiStream'
        : 'clientStream'
      : method.responseStream
        ? 'serverStream'
        : 'unary';
    contracts.push(
      `${docs(method, '    ')}    ${method.name}: { readonly kind: '${kind}'; readonly request: ${importForIndex(method.resolvedRequestType)}; readonly response: ${importForIndex(method.resolvedResponseType)} };\n`,
    );
  }
  contracts.push('  };\n');
  sources.push(`  '${service.fullName.slice(1)}': '${file.source}',\n`);
}

function walk(file: OutputFile, namespace: protobuf.NamespaceBase): void {
  for (const nested of namespace.nestedArray) {
    const own = nested instanceof protobuf.Namespace && fileOf(nested) === file.source;
    if (nested instanceof protobuf.Enum && fileOf(nested) === file.source) {
      const names = Object.keys(nested.values).map((name) => `\n  | '${name}'`);
      file.body += `\n${docs(nested)}export type ${nameOf(nested)} =${names.join('')};\n`;
    } else if (nested instanceof protobuf.Service) {
      if (own) emitService(file, nested);
    } else if (nested instanceof protobuf.Type) {
      if (own && !nested.options?.map_entry) emitType(file, nested);
      walk(file, nested);
    } else if (nested instanceof protobuf.Namespace) {
      walk(file, nested);
    }
  }
}

for (const source of files) {
  const file = new OutputFile(source);
  walk(file, root);
  if (file.body !== '') outputs.set(file.path, file.text());
}

const indexImports = [...contractImports]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([path, names]) => `import type { ${[...names].sort().join(', ')} } from '${path}';\n`)
  .join('');
outputs.set(
  'contracts.ts',
  `${banner}${indexImports}\n/** Every gRPC service by its full name. */\nexport interface Contracts {\n${contracts.join('')}}\n\n/** Every message by its full name. */\nexport interface Messages {\n${messages.join('')}}\n`,
);
outputs.set(
  'sources.ts',
  `${banner}\n/** The file, relative to proto/, that declares each service and message. */\nexport const sources: Readonly<Record<string, string>> = {\n${sources.join('')}};\n`,
);

const target = join(protoFolder, 'gen');
const stale = new Set(
  existsSync(target) ? globSync('**/*.ts', { cwd: target }).map((path) => path.replaceAll('\\', '/')) : [],
);
const changed: string[] = [];
for (const [path, text] of outputs) {
  const full = join(target, path);
  stale.delete(path);
  if (existsSync(full) && readFileSync(full, 'utf8') === text) continue;
  changed.push(path);
  if (flags.check) continue;
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
}
for (const path of stale) {
  changed.push(path);
  if (!flags.check) rmSync(join(target, path));
}
if (flags.check && changed.length > 0) {
  console.error(`proto/gen differs from proto/ in ${changed.join(', ')}; run: npm run generate`);
  process.exit(1);
}
console.log(`proto/gen: ${outputs.size} files, ${flags.check ? 'up to date' : `${changed.length} changed`}`);
