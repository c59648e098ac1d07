// The generated folders and their files, for synth and for the test that they are up to date.
// Everything in them is generated; nothing else may be kept there.
import type { MeshPlatform } from '../constructs/mesh-platform.ts';
import { chartFiles } from './chart-files.ts';
import { infraFiles } from './infra-files.ts';

/** Files of charts/ and infra/ by path below each. */
export function outputFolders(platform: MeshPlatform): Readonly<Record<'charts' | 'infra', Map<string, string>>> {
  return { charts: chartFiles(platform), infra: infraFiles(platform) };
}
