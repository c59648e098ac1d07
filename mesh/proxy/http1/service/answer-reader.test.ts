import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AnswerReader } from './answer-reader.ts';

interface Read {
  readonly heads: [status: number, fields: string[]][];
  readonly text: string;
  readonly whole: boolean;
  readonly reusable: boolean;
  readonly keepAliveS: number;
}

/** Reads an answer that comes in these pieces, and then the end of the connection where `ended` says so. */
function read(pieces: readonly string[], { method = 'GET', upgrade = false, ended = false } = {}): Read {
  const reader = new AnswerReader();
  const heads: [number, string[]][] = [];
  let text = '';
  let whole = false;
  reader.expect(
    {
      onAnswer(status, fields, last) {
        heads.push([status, fields]);
        whole = last;
      },
      onContinue: () => heads.push([100, []]),
      onSwitch: (fields) => heads.push([101, fields]),
      onBody(octets, last) {
        assert.ok(!whole, 'octets behind the end');
        text += octets.toString('latin1');
        whole = last;
      },
    },
    method,
    upgrade,
  );
  for (const piece of pieces) reader.push(Buffer.from(piece, 'latin1'));
  if (ended) assert.equal(reader.end(), whole);
  return { heads, text, whole, reusable: reader.reusable, keepAliveS: reader.keepAliveS };
}

/** The same in one piece and octet by octet. */
function bothWays(answer: string, options: Parameters<typeof read>[1] = {}): Read {
  const atOnce = read([answer], options);
  assert.deepEqual(read([...answer], options), atOnce);
  return atOnce;
}

const OK = 'HTTP/1.1 200 OK\r\n';

describe('an answer of HTTP/1.1', () => {
  it('ends where its length says', () => {
    const { heads, text, whole, reusable } = bothWays(`${OK}Content-Length: 5\r\nX-A:  b\t\r\nx-a: \r\n\r\nhello`);
    assert.deepEqual(heads, [[200, ['content-length', '5', 'x-a', 'b', 'x-a', '']]]);
    assert.deepEqual([text, whole, reusable], ['hello', true, true]);
  });
  it('ends with its last chunk, whose trailers and extensions go no further', () => {
    const chunks = '5;a="b"\r\nhello\r\n0A\r\n, all of u\r\n1\r\ns\r\n0\r\nX-Sum: 1\r\n\r\n';
    const { heads, text, whole, reusable } = bothWays(`${OK}Transfer-Encoding: Chunked\r\n\r\n${chunks}`);
    assert.deepEqual(heads, [[200, []]]);
    assert.deepEqual([text, whole, reusable], ['hello, all of us', true, true]);
  });
  it('ends with its connection where nothing else says it', () => {
    assert.deepEqual(bothWays(`${OK}\r\nall`, { ended: true }).text, 'all');
    assert.equal(read([`${OK}\r\nall`]).reusable, false);
    const cut = new AnswerReader();
    cut.expect({ onAnswer() {}, onBody() {}, onContinue() {}, onSwitch() {} }, 'GET', false);
    cut.push(Buffer.from(`${OK}content-length: 5\r\n\r\nhell`));
    assert.equal(cut.end(), false, 'a part is not the whole');
  });
  it('has no body where it can have none', () => {
    assert.equal(bothWays(`${OK}Content-Length: 5\r\n\r\n`, { method: 'HEAD' }).whole, true);
    assert.equal(bothWays(`${OK}Transfer-Encoding: chunked\r\n\r\n`, { method: 'HEAD' }).whole, true);
    assert.equal(bothWays('HTTP/1.1 204 No Content\r\n\r\n').whole, true);
    assert.equal(bothWays('HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n').whole, true);
    assert.equal(bothWays(`${OK}Content-Length: 0\r\n\r\n`).whole, true);
  });
  it('comes after those that only announce it', () => {
    const { heads, text } = bothWays(
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n${OK}Content-Length: 1\r\n\r\na`,
    );
    assert.deepEqual([heads.map(([status]) => status), text], [[100, 200], 'a']);
  });
  it('says whether another may follow it, and for how long', () => {
    const closed = (field: string): boolean => !bothWays(`${OK}Content-Length: 0\r\n${field}\r\n\r\n`).reusable;
    assert.equal(closed('Connection: Close'), true);
    assert.equal(closed('Connection: x-a, close'), true);
    assert.equal(closed('Connection: x-close'), false);
    assert.equal(bothWays('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n').reusable, false);
    const { keepAliveS } = bothWays(
      `${OK}Content-Length: 0\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n`,
    );
    assert.equal(keepAliveS, 5);
  });
  it('gives the connection to the other protocol that was asked for', () => {
    const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX-A: b\r\n\r\n';
    const { heads, text, reusable } = bothWays(`${switching}\x81\x02hi`, { upgrade: true });
    assert.deepEqual([heads, text, reusable], [[[101, ['x-a', 'b']]], '\x81\x02hi', false]);
    assert.throws(() => read([switching]), /nobody asked/);
  });
});

describe('an answer that can be read in two ways, or is none, is not read', () => {
  const bad: readonly [what: string, answer: string][] = [
    ['length and chunks', `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`],
    ['a list of lengths', `${OK}Content-Length: 5, 5\r\n\r\nhello`],
    ['a signed length', `${OK}Content-Length: +5\r\n\r\nhello`],
    ['an empty length', `${OK}Content-Length:\r\n\r\nhello`],
    ['another coding', `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['chunked twice', `${OK}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks of HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a folded field', `${OK}X-A: b\r\n c\r\n\r\n`],
    ['white space before the colon', `${OK}Content-Length : 5\r\n\r\nhello`],
    ['a field without a name', `${OK}: b\r\n\r\n`],
    ['a line without a colon', `${OK}X-A\r\n\r\n`],
    ['a bare line feed', `${OK}X-A: b\nContent-Length: 5\r\n\r\nhello`],
    ['a bare carriage return', `${OK}X-A: b\rX-C: d\r\n\r\n`],
    ['a NUL', `${OK}X-A: b\0c\r\n\r\n`],
    ['a size that is none', `${OK}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ['a size that overflows', `${OK}Transfer-Encoding: chunked\r\n\r\n100000000\r\n`],
    ['a signed size', `${OK}Transfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n`],
    ['a chunk that goes on behind its end', `${OK}Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n`],
    ['a chunk line that ends with a line feed', `${OK}Transfer-Encoding: chunked\r\n\r\n1\na\r\n`],
    ['an extension with a line feed', `${OK}Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\na\r\n`],
    ['octets behind its end', `${OK}Content-Length: 1\r\n\r\nab`],
    ['another answer behind it', `${OK}Content-Length: 0\r\n\r\n${OK}Content-Length: 0\r\n\r\n`],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a status that is none', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status line with white space in front', ` ${OK}\r\n`],
    ['a head without end', `${OK}X-A: ${'b'.repeat(70_000)}`],
    ['a large head', `${OK}X-A: ${'b'.repeat(70_000)}\r\n\r\n`],
    ['a chunk line without end', `${OK}Transfer-Encoding: chunked\r\n\r\n1;${'a'.repeat(5000)}`],
    ['trailers without end', `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n${'X-A: b\r\n'.repeat(12_000)}`],
  ];
  for (const [what, answer] of bad)
    it(what, () => {
      assert.throws(() => read([answer]));
      if (answer.length < 1000) assert.throws(() => read([...answer]));
    });
});
