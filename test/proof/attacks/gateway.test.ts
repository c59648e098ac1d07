// The attacks on the gateway's own listener. Behind it a catalog tells whether a hidden request came through.
import { join } from 'node:path';
import { siege, Victim } from '../../transport/attacks/siege.ts';
import { everything } from './extent.ts';
import { type HttpTarget, httpAttacks } from './http-attacks.ts';
import { ProductCaller } from './product-caller.ts';

const victim = new Victim<{ readonly port: number }>(join(import.meta.dirname, 'gateway-victim.ts'));
const honest = new ProductCaller();

const target = async (): Promise<HttpTarget> => ({
  port: (await victim.start()).port,
  asked: async () => (await victim.look()).asked as string[],
});

siege(
  {
    start: async () => void (await victim.start()),
    look: () => victim.look(),
    honest: async () => honest.call((await victim.start()).port),
    async stop() {
      honest.close();
      await victim.stop();
    },
  },
  httpAttacks
    .filter(({ slow }) => everything || !slow)
    .map(({ name, memoryMiB = 48, run }) => ({ name, memoryMiB, run: async () => run(await target()) })),
);
