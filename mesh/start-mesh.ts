// Starts a mesh with its control API: the one call that the launcher makes.

import { ControlServer } from './control/control-server.ts';
import { Mesh } from './proxy/mesh.ts';
import type { MeshOptions } from './proxy/mesh-options.ts';

export interface RunningMesh extends Mesh {
  /** The unix socket that `npm run mesh` talks to. */
  readonly controlSocket: string;
  /** Prometheus endpoint: `http://127.0.0.1:PORT/metrics`. */
  readonly metricsPort: number;
}

/**
 * Starts rules, certificates, sidecars and control API in this process.
 *
 * @throws InvalidRulesError when the manifests are not valid; the message names file, line and field.
 */
export async function startMesh(options: MeshOptions): Promise<RunningMesh> {
  const mesh = await Mesh.start(options);
  const control = new ControlServer(mesh);
  mesh.onClose(() => control.close());
  try {
    await control.listen(options.metricsPort);
  } catch (error) {
    await mesh.close();
    throw error;
  }
  return Object.assign(mesh, { controlSocket: control.socket, metricsPort: control.metricsPort });
}
