import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { endToEndFields, namesForbidden, withoutPseudo } from './end-to-end-fields.ts';

describe('fields that go on to the next hop', () => {
  it('are those that are not about the connection, with names in lower case and repeats in order', () => {
    assert.deepEqual(
      endToEndFields([
        ...['Host', 'a', 'Connection', 'keep-alive', 'Keep-Alive', 'timeout=5', 'TE', 'gzip', 'Upgrade', 'h2c'],
        ...['Transfer-Encoding', 'chunked', 'Trailer', 'x', 'Proxy-Connection', 'close'],
        ...['Set-Cookie', 'a', 'X-B', ' padded\t', 'set-cookie', 'b', 'x-c', '\xc3\xa0'],
      ]),
      // UTF-8 as octets: the second one of "à" is a blank to Unicode.
      ['host', 'a', 'set-cookie', 'a', 'x-b', 'padded', 'set-cookie', 'b', 'x-c', '\xc3\xa0'],
    );
  });
  it('nor what Connection names, which it may not say of the host or the length', () => {
    assert.deepEqual(
      endToEndFields([
        'connection',
        'X-A ,Host',
        'Connection',
        'content-length,,x-b',
        'x-a',
        '1',
        'X-B',
        '2',
        'host',
        'h',
        'content-length',
        '0',
      ]),
      ['host', 'h', 'content-length', '0'],
    );
  });
  it('but that trailers are taken, and nothing else of TE', () => {
    assert.deepEqual(endToEndFields(['TE', 'gzip, Trailers', 'Connection', 'te']), ['te', 'trailers']);
  });
  it('and Connection may not name where a request comes from', () => {
    for (const named of ['Host', 'X-Forwarded-For', 'close, x-forwarded-host', ' x-forwarded-proto ', ':path'])
      assert.equal(namesForbidden(named), true, named);
    for (const named of ['', 'close', 'x-forwarded-by, TE']) assert.equal(namesForbidden(named), false, named);
  });
  it('of an answer of HTTP/2 leave out its pseudo-fields', () => {
    assert.deepEqual(withoutPseudo([':status', '200', 'a', 'b', 'connection', 'close']), ['a', 'b']);
  });
});
