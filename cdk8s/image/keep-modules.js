// Runs while an image is built: keeps the packages that one service's process can reach, removes the rest of node_modules.
// What is reached is read from the sources' imports; a package keeps all that it depends on, so nothing is guessed.
import { existsSync, globSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const [service = ''] = process.argv.slice(2);
const root = process.cwd();
const modules = join(root, 'node_modules');
const aliases = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).imports;

/** Imports of a source that are there at run time; `import type` is erased. */
function importsOf(file) {
  const text = readFileSync(file, 'utf8');
  const found = [...text.matchAll(/^\s*(?:import|export)\s(?!type\b)[^'"`;]*?from\s*'([^']+)'/gm)];
  const bare = [...text.matchAll(/^\s*import\s+'([^']+)'/gm)];
  const dynamic = [...text.matchAll(/\bimport\(\s*'([^']+)'/g), ...text.matchAll(/\brequire\(\s*'([^']+)'/g)];
  return [...found, ...bare, ...dynamic].map((match) => match[1]);
}

/** File that `#kit/...` or a relative path names; undefined for a package. */
function fileOf(specifier, from) {
  if (specifier.startsWith('.')) return resolve(dirname(from), specifier);
  for (const [alias, target] of Object.entries(aliases)) {
    if (alias === specifier) return join(root, target);
    if (alias.endsWith('*') && specifier.startsWith(alias.slice(0, -1))) {
      return join(root, target.replace('*', specifier.slice(alias.length - 1)));
    }
  }
  return undefined;
}

function packageOf(specifier) {
  const [scope, name] = specifier.split('/');
  return scope?.startsWith('@') ? `${scope}/${name}` : scope;
}

const packages = new Set();
const seen = new Set();
const waiting = [
  join(root, 'kit/run/main.ts'),
  ...globSync(`services/${service}/**/*.ts`).map((path) => join(root, path)),
];
for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
  if (seen.has(file) || !existsSync(file)) continue;
  seen.add(file);
  for (const specifier of importsOf(file)) {
    const target = fileOf(specifier, file);
    if (target !== undefined) waiting.push(target);
    else if (!specifier.startsWith('node:')) packages.add(packageOf(specifier));
  }
}

/** Folders of a package and all that it depends on, as Node would find them from `from`. */
const kept = new Set();
function keep(name, from) {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const path = join(folder, 'node_modules', name);
    if (!existsSync(join(path, 'package.json'))) continue;
    if (kept.has(path)) return;
    kept.add(path);
    const {
      dependencies = {},
      optionalDependencies = {},
      peerDependencies = {},
    } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
      keep(needed, path);
    return;
  }
}
for (const name of packages) keep(name, root);

function entries(folder) {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => join(name, inner)) : [name],
    )
    .map((name) => join(folder, name));
}
for (const path of entries(modules)) if (!kept.has(path)) rmSync(path, { recursive: true });
for (const name of readdirSync(modules)) if (name.startsWith('.')) rmSync(join(modules, name), { recursive: true });
// Types, source maps and manuals are for people who read packages, not for those who run them.
for (const path of globSync('**/*.{ts,mts,cts,map,md,markdown}', { cwd: modules })) {
  if (statSync(join(modules, path)).isFile()) rmSync(join(modules, path));
}
process.stdout.write(`${service}: ${seen.size} files, ${kept.size} packages\n`);
