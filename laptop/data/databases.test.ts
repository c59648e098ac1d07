// Each service's role reaches its own database and no other.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, describe, it } from 'node:test';
import pg from 'pg';
import { testServerUrl } from '#kit/testing/test-database.ts';
import { prepareDatabases } from './databases.ts';

async function query(url: string, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('prepareDatabases', () => {
  const names = ['order', 'order-query'].map((name) => `${name}-${randomBytes(4).toString('hex')}`);
  const [one = '', other = ''] = names;
  let server = '';
  after(async () => {
    for (const name of names) {
      await query(server, `drop database "${name}" with (force)`);
      await query(server, `drop role "${name}"`);
    }
  });

  it('gives each role its database, and shuts it out of the others', async () => {
    server = await testServerUrl();
    const options = { server, names, password: (name: string) => `secret of ${name}` };
    const urls = await prepareDatabases(options);
    assert.deepEqual(await prepareDatabases(options), urls, 'a second time changes nothing');
    const own = urls.get(one) ?? '';
    await query(own, 'create schema fairlead');
    assert.deepEqual(await query(own, 'select current_user as name'), [{ name: one }]);
    const url = new URL(own);
    for (const database of [other, 'postgres']) {
      url.pathname = `/${database}`;
      await assert.rejects(query(url.href, 'select 1'), /permission denied for database/, database);
    }
  });
});
