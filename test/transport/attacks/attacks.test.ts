// Every attack on the transport's server ends in its bound, and is counted.
import { join } from 'node:path';
import { type Client, connect } from '#transport';
import { attacks, calmOfOurs, type Target } from './attacks.ts';
import { openSocket } from './open-socket.ts';
import { siege, Victim } from './siege.ts';

const victim = new Victim<{ readonly port: number }>(join(import.meta.dirname, 'victim.ts'));
let honest: Client;

const target: Target = {
  open: async () => openSocket((await victim.start()).port),
  authority: 'x',
  paths: { echo: '/a.A/Echo', hold: '/a.A/Hold', sink: '/a.A/Sink', endless: '/a.A/Endless' },
  enough: { control: 100_000, resets: 20_000, streams: 100_000 },
  streamsAtOnce: 100,
  patienceMs: 10_000,
  sendPatienceMs: 10_000,
  calm: calmOfOurs,
};

siege(
  {
    async start() {
      honest = connect({ target: `127.0.0.1:${(await victim.start()).port}` });
    },
    look: () => victim.look(),
    honest: () => honest.call('/a.A/Echo', Buffer.from('honest'), { timeout: 10_000 }),
    async stop() {
      honest.close();
      await victim.stop();
    },
  },
  // Streams that hang are ended here after a second; how many may be held at once is asked of the kit.
  attacks
    .filter(({ counter }) => counter !== 'streamsOpened')
    .map(({ name, counter, run }) => ({ name, counter, run: () => run(target) })),
);
