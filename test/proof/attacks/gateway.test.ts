// The attacks on the gateway's own listener. Behind it a catalog tells whether a hidden request came through.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { siege, Victim } from '../../transport/attacks/siege.ts';
import { everything } from './extent.ts';
import { type HttpTarget, httpAttacks } from './http-attacks.ts';

const victim = new Victim<{ readonly port: number }>(join(import.meta.dirname, 'gateway-victim.ts'));
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

async function product(): Promise<void> {
  const { port } = await victim.start();
  const id = randomUUID();
  const { status, text } = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const asked = request(
      { port, host: '127.0.0.1', path: `/api/v2/products/${id}`, agent, timeout: 10_000 },
      (answer) => {
        let all = '';
        answer.setEncoding('utf8').on('data', (part: string) => {
          all += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode, text: all }));
      },
    );
    asked.on('error', reject);
    asked.on('timeout', () => asked.destroy(new Error('no answer in 10 s')));
    asked.end();
  });
  assert.equal(status, 200, text);
  assert.ok(text.includes(id));
}

const target = async (): Promise<HttpTarget> => ({
  port: (await victim.start()).port,
  asked: async () => (await victim.look()).asked as string[],
});

siege(
  {
    start: async () => void (await victim.start()),
    look: () => victim.look(),
    honest: product,
    async stop() {
      agent.destroy();
      await victim.stop();
    },
  },
  httpAttacks
    .filter(({ slow }) => everything || !slow)
    .map(({ name, memoryMiB = 48, run }) => ({ name, memoryMiB, run: async () => run(await target()) })),
);
