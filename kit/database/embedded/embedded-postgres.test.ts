// The embedded server as laptops meet it: started twice, killed, its port taken, its folder named with a space.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts';
import { processIdentity } from './process-identity.ts';

async function query(server: EmbeddedPostgres, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('embedded PostgreSQL', () => {
  let folder = '';
  before(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'fairlead pg ')), 'data');
  });
  after(() => rmSync(join(folder, '..'), { recursive: true, force: true }));

  it('keeps its data from one start to the next, in a path with a space', async () => {
    const first = await startEmbeddedPostgres({ folder });
    await query(first, 'create table kept (n int)');
    await query(first, 'insert into kept values (7)');
    await first.stop();
    assert.equal(processIdentity(first.pid), undefined, 'the first server has ended');

    const second = await startEmbeddedPostgres({ folder });
    assert.deepEqual(await query(second, 'select n from kept'), [{ n: 7 }]);
    await second.stop();
  });

  it('takes another port when its own is taken', async () => {
    const port = Number(readFileSync(join(folder, 'port'), 'utf8'));
    const squatter = createServer().listen(port, '127.0.0.1');
    await once(squatter, 'listening');
    const server = await startEmbeddedPostgres({ folder });
    assert.notEqual(server.port, port);
    assert.deepEqual(await query(server, 'select n from kept'), [{ n: 7 }]);
    await server.stop();
    squatter.close();
  });

  it('refuses a folder that a living process uses, and says which', async () => {
    const server = await startEmbeddedPostgres({ folder });
    await assert.rejects(startEmbeddedPostgres({ folder }), new RegExp(`in use by process ${process.pid}`));
    await server.stop();
  });

  it('starts over a server that was killed, whose pid file names another process now', async () => {
    const server = await startEmbeddedPostgres({ folder });
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    const pidFile = join(folder, 'cluster', 'postmaster.pid');
    const lines = readFileSync(pidFile, 'utf8').split('\n');
    writeFileSync(pidFile, [String(process.ppid), ...lines.slice(1)].join('\n'));

    const next = await startEmbeddedPostgres({ folder });
    assert.deepEqual(await query(next, 'select n from kept'), [{ n: 7 }]);
    await next.stop();
  });

  it('starts over a server that was killed, when a backend of it lingers and others fill the log', async () => {
    const server = await startEmbeddedPostgres({ folder });
    const client = new pg.Client({ connectionString: server.url() });
    client.on('error', () => {});
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() pid');
    const backend = rows[0]?.pid ?? 0;
    process.kill(backend, 'SIGSTOP');
    process.kill(server.pid, 'SIGKILL');
    await server.ended;

    // What many backends say when they see that their server is gone.
    const farewells = setInterval(() => appendFileSync(server.logFile, 'terminating connection\n'.repeat(10)), 1);
    setTimeout(() => process.kill(backend, 'SIGCONT'), 500);
    try {
      const next = await startEmbeddedPostgres({ folder });
      assert.deepEqual(await query(next, 'select n from kept'), [{ n: 7 }]);
      await next.stop();
    } finally {
      clearInterval(farewells);
    }
    await client.end().catch(() => {});
  });

  it('ends with the process that started it, and the folder is free again', async () => {
    const script = `
      const { startEmbeddedPostgres } = await import(${JSON.stringify(import.meta.resolve('./embedded-postgres.ts'))});
      const server = await startEmbeddedPostgres({ folder: process.argv[1] });
      process.stdout.write(String(server.pid));
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = await once(owner.stdout, 'data');
    assert.notEqual(processIdentity(Number(pid)), undefined);
    owner.kill('SIGKILL');
    await once(owner, 'exit');

    const next = await startEmbeddedPostgres({ folder });
    assert.notEqual(next.pid, Number(pid));
    assert.deepEqual(await query(next, 'select n from kept'), [{ n: 7 }]);
    await next.stop();
  });
});
