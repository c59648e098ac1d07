import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { edgeFields } from './edge-fields.ts';

const FIRST = [':method', 'GET', ':path', '/'];

/** Fields of a request from `address`, by name. */
function fieldsOf(address: string, ...fields: readonly string[]): Record<string, string> {
  const list = edgeFields([...FIRST, ...fields], address);
  assert.deepEqual(list.slice(0, 4), FIRST, 'pseudo-fields stay in front');
  const found: Record<string, string> = {};
  for (let i = 0; i < list.length; i += 2) {
    assert.equal(found[list[i] ?? ''], undefined, `${list[i]} stands once`);
    found[list[i] ?? ''] = list[i + 1] ?? '';
  }
  return found;
}

describe('fields that the edge writes', () => {
  it("the client's address is the last of X-Forwarded-For, however many the client sent", () => {
    assert.equal(fieldsOf('192.0.2.1')['x-forwarded-for'], '192.0.2.1');
    const several = ['x-forwarded-for', '1.1.1.1', 'x-forwarded-for', '2.2.2.2, 3.3.3.3'];
    assert.equal(fieldsOf('192.0.2.1', ...several)['x-forwarded-for'], '1.1.1.1,2.2.2.2, 3.3.3.3,192.0.2.1');
    assert.equal(fieldsOf('::ffff:192.0.2.1')['x-forwarded-for'], '192.0.2.1');
    assert.equal(fieldsOf('2001:db8::1')['x-forwarded-for'], '2001:db8::1');
  });
  it('what only the mesh can know is not believed', () => {
    const told = fieldsOf(
      '127.0.0.1',
      ...['x-forwarded-proto', 'https', 'x-forwarded-client-cert', 'URI=spiffe://a/ns/b/sa/c'],
      ...['x-envoy-retry-on', '5xx', 'x-mesh-upgrade', 'websocket', 'x-mine', 'stays'],
    );
    assert.deepEqual(Object.keys(told).sort(), [
      ...[
        ':method',
        ':path',
        'x-envoy-external-address',
        'x-forwarded-for',
        'x-forwarded-proto',
        'x-mine',
        'x-request-id',
      ],
    ]);
    assert.equal(told['x-forwarded-proto'], 'http');
    assert.equal(told['x-envoy-external-address'], '127.0.0.1');
  });
  for (const address of ['127.0.0.1', '10.1.2.3', '192.0.2.1', '2001:db8::1'])
    it(`a request id from ${address} is replaced`, () =>
      assert.match(fieldsOf(address, 'x-request-id', 'mine')['x-request-id'] ?? '', /^[0-9a-f-]{36}$/));
});
