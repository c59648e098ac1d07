// Pods as istiod would inject them if the cluster had Istio's CNI plugin: with the cluster's own injection template and one
// value changed. It shows what Pod Security says of them without a plugin at hand.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { finish, run } from './command.ts';

interface ConfigMap {
  readonly data: Readonly<Record<string, string>>;
}

async function configMap(name: string): Promise<ConfigMap['data']> {
  const text = await run('kubectl', ['--namespace', 'istio-system', 'get', 'configmap', name, '--output', 'json']);
  return (JSON.parse(text) as ConfigMap).data;
}

/** Injects a pod; undefined where istioctl, which does it, is not on PATH. */
export async function cniInjector(): Promise<((pod: object) => Promise<object>) | undefined> {
  const there = await finish('istioctl', ['version', '--remote=false']).catch(() => undefined);
  if (there?.code !== 0) return undefined;
  const injector = await configMap('istio-sidecar-injector');
  const mesh = await configMap('istio');
  const values = JSON.parse(injector.values ?? '{}') as { pilot?: { cni?: object } };
  const changed = { ...values, pilot: { ...values.pilot, cni: { ...values.pilot?.cni, enabled: true } } };
  return async (pod) => {
    const folder = await mkdtemp(join(tmpdir(), 'fairlead-inject-'));
    try {
      const file = (name: string): string => join(folder, name);
      await writeFile(file('config'), injector.config ?? '');
      await writeFile(file('mesh'), mesh.mesh ?? '');
      await writeFile(file('values'), JSON.stringify(changed));
      await writeFile(file('pod'), JSON.stringify(pod));
      const inputs = ['config', 'mesh', 'values'].flatMap((name) => [
        name === 'values' ? '--valuesFile' : name === 'mesh' ? '--meshConfigFile' : '--injectConfigFile',
        file(name),
      ]);
      const injected = await run('istioctl', ['kube-inject', ...inputs, '--filename', file('pod')]);
      const [document] = parseAllDocuments(injected);
      if (document === undefined) throw new Error('istioctl kube-inject printed nothing');
      // The cluster's own injector must not do it a second time.
      document.setIn(['metadata', 'labels', 'sidecar.istio.io/inject'], 'false');
      return document.toJS() as object;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}
