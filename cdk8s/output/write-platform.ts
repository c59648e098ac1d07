// Writes everything that a platform becomes below one folder: charts/, infra/ and skaffold.yaml.
// Only what differs is written, and what is no longer generated is removed.
import { join } from 'node:path';
import type { MeshPlatform } from '../constructs/mesh-platform.ts';
import { outputFolders } from './output-folders.ts';
import { syncFolder } from './sync-folder.ts';

/**
 * Writes a platform.
 *
 * @returns paths below the folder that were written or removed
 */
export function writePlatform(platform: MeshPlatform, folder: string): string[] {
  return outputFolders(platform).flatMap((output) =>
    syncFolder(join(folder, output.folder), output.files, { whole: output.whole }).map((path) =>
      join(output.folder, path),
    ),
  );
}
