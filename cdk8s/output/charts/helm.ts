// Finds Helm for tests: the `HELM` variable, then PATH. Helm is a Go program and no dependency of the repository.
// Tests that need it say loudly that they were skipped, because what they prove then stands unproved.
import { execFileSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import type { Manifested } from '../../objects/models.ts';

/** Path of helm, or undefined where there is none. */
export function findHelm(candidates: readonly (string | undefined)[]): string | undefined {
  return candidates.find((candidate) => {
    if (candidate === undefined || candidate === '') return false;
    try {
      execFileSync(candidate, ['version', '--short'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

/** Objects of a stream of YAML documents; comments alone are none. */
export function parseObjects(text: string): Manifested[] {
  return parseAllDocuments(text)
    .map((document) => {
      const [error] = 'errors' in document ? document.errors : [];
      if (error !== undefined) throw error;
      return 'toJS' in document ? (document.toJS() as Manifested | null) : null;
    })
    .filter((object): object is Manifested => object !== null);
}

/** What `helm template` prints for a chart, as objects. */
export function helmTemplateObjects(helm: string, args: readonly string[]): Manifested[] {
  const text = execFileSync(helm, ['template', ...args], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return parseObjects(text);
}
