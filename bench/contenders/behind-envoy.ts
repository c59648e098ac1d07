// A contender of ours behind two Envoys: BENCH_BEHIND says which, BENCH_ENVOY where Envoy is. The server's CPU time includes Envoy's.
import { startEnvoySidecars } from './envoy-sidecars.ts';

interface Listening {
  readonly port: number;
  readonly token?: string;
}

interface Behind {
  serve(): Promise<Listening>;
  connect(server: Listening): Promise<Readonly<Record<string, () => Promise<unknown>>>>;
}

const name = process.env.BENCH_BEHIND === 'kit' ? './kit.ts' : './transport.ts';
const behind = (await import(name)) as Behind;

export async function serve(): Promise<Listening & { readonly helper: number }> {
  const listening = await behind.serve();
  const { port, process: envoy } = await startEnvoySidecars(process.env.BENCH_ENVOY ?? '', listening.port);
  return { ...listening, port, helper: envoy.pid ?? 0 };
}

export const connect = behind.connect;
