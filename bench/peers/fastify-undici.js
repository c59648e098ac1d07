// JSON over HTTP/1.1: Fastify with response schemas (its fast path) and undici's pool with pipelining off.
import { Readable } from 'node:stream';
import fastify from 'fastify';
import { Pool } from 'undici';
import { boardRequest, entries, first, leaderboards, scoreRequest, streamRequest } from '../workload.ts';

const entry = {
  type: 'object',
  properties: {
    playerId: { type: 'string' },
    displayName: { type: 'string' },
    score: { type: 'integer' },
    rank: { type: 'integer' },
    updateTimeMs: { type: 'integer' },
    countryCode: { type: 'string' },
    winRatio: { type: 'number' },
    badges: { type: 'array', items: { type: 'string' } },
  },
};
const schemas = {
  score: {
    body: {
      type: 'object',
      properties: {
        playerId: { type: 'string', minLength: 36, maxLength: 36 },
        board: { type: 'string', minLength: 1, maxLength: 64 },
      },
      required: ['playerId', 'board'],
    },
    response: { 200: { type: 'object', properties: { entry } } },
  },
  board: {
    body: { type: 'object', properties: { size: { type: 'integer', minimum: 1 }, board: { type: 'string' } } },
    response: { 200: { type: 'object', properties: { entries: { type: 'array', items: entry } } } },
  },
};

export async function serve() {
  const app = fastify();
  app.post('/score', { schema: schemas.score }, async () => ({ entry: first }));
  app.post('/leaderboard', { schema: schemas.board }, async (request) => ({
    entries: leaderboards.get(request.body.size),
  }));
  app.post('/stream', async (request, reply) => {
    reply.type('application/x-ndjson');
    return reply.send(
      Readable.from(
        (function* lines() {
          for (let index = 0; index < request.body.size; index++)
            yield `${JSON.stringify({ entry: entries[index] })}\n`;
        })(),
      ),
    );
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: app.server.address().port };
}

export async function connect({ port }) {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 128 });
  const post = async (path, body) => {
    const reply = await pool.request({
      path,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return reply.body;
  };
  return {
    small: async () => (await post('/score', scoreRequest)).json(),
    large: async () => (await post('/leaderboard', boardRequest)).json(),
    stream: async () => {
      let rest = '';
      let count = 0;
      for await (const chunk of await post('/stream', streamRequest)) {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop();
        for (const line of lines) {
          JSON.parse(line);
          count++;
        }
      }
      return count;
    },
  };
}
