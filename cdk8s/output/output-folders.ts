// Everything that synth writes: charts/, infra/ and skaffold.yaml.
// The two folders hold nothing else; what is in them and no longer generated is removed.
import type { MeshPlatform } from '../constructs/mesh-platform.ts';
import { chartFiles } from './charts/chart-files.ts';
import { infraFiles } from './infra-files.ts';
import { skaffoldFile } from './skaffold-file.ts';

/** Files that synth writes below one folder. */
export interface OutputFolder {
  /** Relative to the repository. */
  readonly folder: string;
  /** Contents by path below the folder. */
  readonly files: ReadonlyMap<string, string>;
  /** The folder holds these files and no others. */
  readonly whole: boolean;
}

/** All output of a platform. */
export function outputFolders(platform: MeshPlatform): OutputFolder[] {
  return [
    { folder: 'charts', files: chartFiles(platform), whole: true },
    { folder: 'infra', files: infraFiles(platform), whole: true },
    { folder: '.', files: new Map([['skaffold.yaml', skaffoldFile(platform)]]), whole: false },
  ];
}
