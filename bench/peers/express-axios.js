// JSON over HTTP/1.1 as most teams write it: Express and axios with keep-alive.
import http from 'node:http';
import axios from 'axios';
import express from 'express';
import { boardRequest, entries, first, leaderboards, scoreRequest, streamRequest } from '../workload.ts';

export async function serve() {
  const app = express();
  app.use(express.json());
  app.post('/score', (_request, response) => response.json({ entry: first }));
  app.post('/leaderboard', (request, response) => response.json({ entries: leaderboards.get(request.body.size) }));
  app.post('/stream', (request, response) => {
    response.type('application/x-ndjson');
    for (let index = 0; index < request.body.size; index++)
      response.write(`${JSON.stringify({ entry: entries[index] })}\n`);
    response.end();
  });
  const server = http.createServer(app);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: server.address().port };
}

export async function connect({ port }) {
  const client = axios.create({
    baseURL: `http://127.0.0.1:${port}`,
    httpAgent: new http.Agent({ keepAlive: true }),
    proxy: false,
  });
  return {
    small: () => client.post('/score', scoreRequest),
    large: () => client.post('/leaderboard', boardRequest),
    stream: async () => {
      const reply = await client.post('/stream', streamRequest, { responseType: 'stream' });
      let rest = '';
      let count = 0;
      for await (const chunk of reply.data) {
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
