// Parses `.proto` files into one reflection root, custom options included.
// `google.protobuf.*` comes with protobufjs; every other import is looked up under the contract folder.
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/google/protobuf/descriptor.json' with { type: 'json' };

// Options extend the descriptor's messages, which protobufjs ships but does not register by itself.
protobuf.common('descriptor', descriptor.nested.google.nested.protobuf.nested);

/** The platform's contract folder. */
export const protoFolder: string = fileURLToPath(new URL('../../proto', import.meta.url));

/**
 * Paths of all contracts below a folder, relative to it and sorted; the vendored interfaces (`buf/`, `google/`)
 * are left out because contracts import them.
 */
export function contractFiles(folder: string = protoFolder): string[] {
  return globSync('**/*.proto', { cwd: folder })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !/^(buf|google\/(api|protobuf)|gen)\//.test(path))
    .sort();
}

/** Interfaces that only declare options. Options are read as they are written, so running services need not parse these. */
const optionFiles: ReadonlySet<string> = new Set([
  'buf/validate/validate.proto',
  'fairlead/api/v1/access.proto',
  'google/api/annotations.proto',
  'google/api/http.proto',
  'google/protobuf/descriptor.proto',
]);

/** How {@link loadRoot} loads. */
export interface LoadOptions {
  /** Leaves out imports that only declare options, which spares a running service time and memory. @default false */
  readonly lean?: boolean;
  /** Root to add to. @default - a new one */
  readonly into?: protobuf.Root;
}

/**
 * Parses the named files and all that they import.
 *
 * @param files paths relative to the first of `folders` that holds them
 * @throws Error when a file or an import is not found, or does not parse
 */
export function loadRoot(
  files: readonly string[],
  folders: readonly string[] = [protoFolder],
  { lean = false, into }: LoadOptions = {},
): protobuf.Root {
  const root = into ?? new protobuf.Root();
  const bundled = protobuf.Root.prototype.resolvePath.bind(root);
  root.resolvePath = (origin, target) => {
    if (lean && optionFiles.has(target)) return null;
    for (const folder of folders) {
      const path = join(folder, target);
      if (existsSync(path)) return path;
    }
    if (protobuf.common.get(target) !== null) return target;
    return bundled(origin, target);
  };
  root.loadSync([...files], { keepCase: false, alternateCommentMode: !lean, preferTrailingComment: !lean });
  root.resolveAll();
  return root;
}
