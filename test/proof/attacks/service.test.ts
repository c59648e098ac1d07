// The attacks on a service of the kit, on the transport that FAIRLEAD_TRANSPORT names. On grpc-js, where Node's own HTTP/2 is what
// defends, some have no bound: they are named.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { transportUnderTest } from '#kit/testing/transport-under-test.ts';
import { attacks, brief, calmOfOurs, type Target } from '../../transport/attacks/attacks.ts';
import { openSocket } from '../../transport/attacks/open-socket.ts';
import { siege, Victim } from '../../transport/attacks/siege.ts';
import { type EchoCaller, openEchoCaller } from './echo-caller.ts';
import { echoPaths } from './echo-service.ts';
import { everything } from './extent.ts';

const victim = new Victim<{ readonly port: number }>(join(import.meta.dirname, 'service-victim.ts'));
let honest: EchoCaller;

const grpcJs = transportUnderTest === 'grpc-js';
/** nghttp2 names what it met: a protocol error, an internal one, or that it is too much. */
const calmOfNode = [1, 2, 3, 9, 11];

const target: Target = {
  open: async () => openSocket((await victim.start()).port),
  authority: 'x',
  paths: echoPaths,
  enough: { control: 100_000, resets: 20_000, streams: 100_000 },
  streamsAtOnce: 1_000,
  patienceMs: 15_000,
  sendPatienceMs: 140_000,
  calm: grpcJs ? calmOfNode : calmOfOurs,
};

/** What Node's HTTP/2 has no bound for. Measured: nothing is held, honest callers are served, the connection stays open. */
const open: ReadonlySet<string> = new Set(
  grpcJs ? ['WINDOW_UPDATE flood', 'half a frame, then silence', 'a connection that says nothing'] : [],
);

/** Runs an attack that is known to come to no end, and fails once it does, so that the list above stays true. */
async function undefended(run: (typeof attacks)[number]['run']): Promise<undefined> {
  await assert.rejects(run({ ...target, patienceMs: 12_000 }), /the connection is still open/);
  return undefined;
}

siege(
  {
    async start() {
      honest = await openEchoCaller(`127.0.0.1:${(await victim.start()).port}`);
    },
    look: () => victim.look(),
    honest: () => honest.call(),
    async stop() {
      honest.close();
      await victim.stop();
    },
  },
  attacks
    .filter(({ name }) => everything || brief.has(name))
    .map(({ name, many, run }) => {
      const memoryMiB = many ? (grpcJs ? 1280 : 640) : grpcJs ? 128 : 48;
      return { name, memoryMiB, run: () => (open.has(name) ? undefended(run) : run(target)) };
    }),
);
