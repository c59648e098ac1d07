// The three ways of deploying that users have, as the documentation says them. Each begins in a cluster without Fairlead.
import { root, run } from '../access/command.ts';
import type { Deployment } from './deployment.ts';
import { helmUpgrade } from './helm.ts';

/** How the platform gets into the cluster. */
export type Way = 'helm' | 'kubectl' | 'skaffold';

/** One way, from nothing to objects that the cluster has taken; pods may still be starting. */
export const ways: Readonly<Record<Way, (deployment: Deployment) => Promise<void>>> = {
  helm: (deployment) => helmUpgrade(deployment),
  async kubectl() {
    await run('kubectl', ['apply', '--filename', 'infra/'], { cwd: root });
  },
  async skaffold({ tell }) {
    // It builds by itself; SKAFFOLD_PROFILE and SKAFFOLD_DEFAULT_REPO say how, where the cluster is not a local Docker's.
    await run('skaffold', ['run', '--interactive=false'], {
      cwd: root,
      timeoutMs: 1_500_000,
      // Of its builders' output only what tells how far it is.
      line: (line) => {
        if (/^(Building |Build |Deploying|Starting deploy| - deployment|Deployments stabilized)/.test(line)) tell(line);
      },
    });
  },
};
