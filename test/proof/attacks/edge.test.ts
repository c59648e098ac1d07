// The attacks on the laptop mesh's ingress gateway, which speaks HTTP/1.1 and HTTP/2 on one port. Fairlead's gateway stands behind
// it, so that requests that are hidden in others would be served; honest callers come in over both versions.
import { join } from 'node:path';
import { attacks, brief, calmOfOurs, type Target } from '../../transport/attacks/attacks.ts';
import { openSocket } from '../../transport/attacks/open-socket.ts';
import { type Assault, type Look, type SiegeOptions, siegeInParts, Victim } from '../../transport/attacks/siege.ts';
import { type EchoCaller, openEchoCaller } from './echo-caller.ts';
import { echoPaths } from './echo-service.ts';
import type { EdgeAddress } from './edge-victim.ts';
import { everything } from './extent.ts';
import { type HttpAttack, httpAttacks } from './http-attacks.ts';
import { ProductCaller } from './product-caller.ts';
import { unreadAttacks } from './unread-attacks.ts';

/** Programs of the services, by the name that the edge knows them by. */
const programs = { gateway: 'gateway-victim.ts', payment: 'service-victim.ts', web: 'web-service.ts' } as const;

/** The edge, the services behind it, and honest callers. */
class Besieged implements SiegeOptions {
  readonly victim = new Victim<EdgeAddress>(join(import.meta.dirname, 'edge-victim.ts'));
  readonly #services = new Map<string, Victim<object>>();
  readonly #product = new ProductCaller();
  #echo: EchoCaller | undefined;

  async start(): Promise<void> {
    const { port, listen } = await this.victim.start();
    for (const [name, program] of Object.entries(programs)) {
      const LISTEN = listen[name as keyof typeof programs];
      const service = new Victim<object>(join(import.meta.dirname, program), { LISTEN });
      this.#services.set(name, service);
      await service.start();
    }
    this.#echo = await openEchoCaller(`127.0.0.1:${port}`);
  }

  async port(): Promise<number> {
    return (await this.victim.start()).port;
  }

  async asked(): Promise<readonly string[]> {
    return (await this.#services.get('gateway')?.look())?.asked as string[];
  }

  /** One call over each version. */
  async honest(): Promise<void> {
    await Promise.all([this.#product.call(await this.port()), this.#echo?.call()]);
  }

  look(): Promise<Look> {
    return this.victim.look();
  }

  async stop(): Promise<void> {
    this.#product.close();
    this.#echo?.close();
    await this.victim.stop();
    for (const service of this.#services.values()) await service.stop();
  }
}

const besieged = new Besieged();

const http1 = (which: readonly HttpAttack[]): Assault[] =>
  which
    // Both versions are spoken here.
    .filter(({ name, slow }) => (everything || !slow) && name !== 'HTTP/2 where HTTP/1.1 is spoken')
    .map(({ name, memoryMiB = 64, run }) => ({
      name,
      memoryMiB,
      heldMiB: 16,
      run: async () => run({ port: await besieged.port(), proxy: true, asked: () => besieged.asked() }),
    }));

const target: Target = {
  open: async () => openSocket(await besieged.port()),
  authority: 'x',
  paths: echoPaths,
  enough: { control: 100_000, resets: 20_000, streams: 100_000 },
  patienceMs: 30_000,
  // The service behind ends its calls; what waits for a caller that does not read is bounded by its window.
  sendPatienceMs: undefined,
  streamsAtOnce: 1_000,
  calm: calmOfOurs,
};

const sieges: readonly { readonly name: string; readonly assaults: readonly Assault[] }[] = [
  { name: 'over HTTP/1.1', assaults: http1(httpAttacks) },
  { name: 'with WebSockets, and without reading', assaults: http1(unreadAttacks) },
  {
    name: 'over HTTP/2',
    assaults: attacks
      .filter(({ name }) => everything || brief.has(name))
      // The bound on calls at once is one for all callers of the edge, as in Istio: a hundred connections that hold as many calls as
      // they may take all of it.
      .filter(({ counter }) => counter !== 'streamsOpened')
      .map(({ name, run }) => ({ name, run: () => run(target), memoryMiB: 64, heldMiB: 16 })),
  },
];

siegeInParts(besieged, sieges);
