// Reads the answers of a service from a connection of HTTP/1.1, piece by piece. It is strict: an answer whose end could be seen in
// two places ends the connection, because what follows it would be taken for the answer to another caller.
// Source: RFC 9112, 2 to 7; what it leaves open is read as Node's own parser does.

import { endToEndFields, trimmed } from '../end-to-end-fields.ts';

/** Of an answer's head; a service of ours says less. */
const MOST_HEAD = 61_440;
/** Of a line in front of a chunk, with its extensions, which nobody uses. */
const MOST_LINE = 4096;
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const LENGTH = /^[0-9]{1,15}$/;
const CHUNK_LINE = /^([0-9a-fA-F]{1,8})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/;
const [CR, LF] = [0x0d, 0x0a];

/** Takes what is read. */
export interface AnswerSink {
  /** @param fields - [name, value, ...], names in lower case, nothing about the hop. @param last - there is no body. */
  onAnswer(status: number, fields: string[], last: boolean): void;
  /** @param last - the answer ends with these octets, of which there may be none. */
  onBody(octets: Buffer, last: boolean): void;
  /** The service wants the body. */
  onContinue(): void;
  /** The service has taken the other protocol: all that follows is its. */
  onSwitch(fields: string[]): void;
}

/** Where in an answer the next octet stands. */
type Place = 'nowhere' | 'head' | 'length' | 'size' | 'chunk' | 'chunk end' | 'trailers' | 'rest';

const NOTHING = Buffer.alloc(0);

export class AnswerReader {
  /** The connection may carry another request after this answer. */
  reusable = true;
  /** Seconds for which the service keeps an idle connection, as far as it says so. */
  keepAliveS = Number.POSITIVE_INFINITY;
  #place: Place = 'nowhere';
  #sink: AnswerSink | undefined;
  #bodyless = false;
  #upgrade = false;
  /** Octets of the body or of the chunk that are still to come. */
  #left = 0;
  /** Octets of head, line or trailers that are not whole yet. */
  #kept: Buffer | undefined;
  #trailers = 0;

  /** The answer to a request begins. @param method - of the request. @param upgrade - it asked for another protocol. */
  expect(sink: AnswerSink, method: string, upgrade: boolean): void {
    this.#sink = sink;
    this.#place = 'head';
    this.#bodyless = method === 'HEAD';
    this.#upgrade = upgrade;
  }

  /** No answer is expected, or it has come to its end. */
  get idle(): boolean {
    return this.#place === 'nowhere';
  }

  /** @throws Error when this is no HTTP/1.1, or no answer is expected. */
  push(octets: Buffer): void {
    let chunk = octets;
    if (this.#kept !== undefined) {
      chunk = Buffer.concat([this.#kept, octets]);
      this.#kept = undefined;
    }
    for (let at = 0; at >= 0 && at < chunk.length; ) at = this.#read(chunk, at);
  }

  /** The service has ended the connection. @returns whether that is the end of an answer. */
  end(): boolean {
    if (this.#place !== 'rest') return false;
    this.#place = 'nowhere';
    this.#sink?.onBody(NOTHING, true);
    return true;
  }

  /** @returns where to read on; -1 when more has to come. */
  #read(chunk: Buffer, at: number): number {
    switch (this.#place) {
      case 'nowhere':
        throw new Error('octets that answer nothing');
      case 'head': {
        const end = chunk.indexOf('\r\n\r\n', at, 'latin1');
        if (end < 0) return this.#keep(chunk, at, MOST_HEAD);
        if (end - at > MOST_HEAD) throw new Error('a head that is too large');
        this.#head(chunk.toString('latin1', at, end));
        return end + 4;
      }
      case 'length':
      case 'chunk': {
        const end = Math.min(at + this.#left, chunk.length);
        this.#left -= end - at;
        const part = at === 0 && end === chunk.length ? chunk : chunk.subarray(at, end);
        if (this.#left > 0) this.#sink?.onBody(part, false);
        else if (this.#place === 'length') this.#last(part);
        else {
          this.#place = 'chunk end';
          this.#sink?.onBody(part, false);
        }
        return end;
      }
      case 'chunk end':
        if (chunk.length - at < 2) return this.#keep(chunk, at, 2);
        if (chunk[at] !== CR || chunk[at + 1] !== LF) throw new Error('a chunk that goes on behind its end');
        this.#place = 'size';
        return at + 2;
      case 'size': {
        const line = this.#line(chunk, at, MOST_LINE);
        if (line === undefined) return -1;
        const size = CHUNK_LINE.exec(line)?.[1];
        if (size === undefined) throw new Error('a chunk without a size');
        this.#left = Number.parseInt(size, 16);
        this.#place = this.#left === 0 ? 'trailers' : 'chunk';
        this.#trailers = 0;
        return at + line.length + 2;
      }
      case 'trailers': {
        const line = this.#line(chunk, at, MOST_HEAD);
        if (line === undefined) return -1;
        this.#trailers += line.length;
        if (this.#trailers > MOST_HEAD) throw new Error('trailers that are too large');
        if (line === '') this.#last(NOTHING);
        return at + line.length + 2;
      }
      default:
        this.#sink?.onBody(at === 0 ? chunk : chunk.subarray(at), false);
        return chunk.length;
    }
  }

  #last(part: Buffer): void {
    this.#place = 'nowhere';
    this.#sink?.onBody(part, true);
  }

  #keep(chunk: Buffer, at: number, most: number): -1 {
    if (chunk.length - at > most) throw new Error('a head or line that does not end');
    this.#kept = Buffer.from(chunk.subarray(at));
    return -1;
  }

  #line(chunk: Buffer, at: number, most: number): string | undefined {
    const end = chunk.indexOf('\r\n', at, 'latin1');
    if (end >= 0 && end - at <= most) return chunk.toString('latin1', at, end);
    if (end >= 0) throw new Error('a line that is too long');
    this.#keep(chunk, at, most);
    return undefined;
  }

  #head(text: string): void {
    const [first = '', ...lines] = text.split('\r\n');
    const [, minor, code] = STATUS_LINE.exec(first) ?? [];
    if (code === undefined) throw new Error('no status line of HTTP/1.1');
    const status = Number(code);
    const raw: string[] = [];
    let length: string | undefined;
    let coding: string | undefined;
    this.reusable = minor === '1';
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, Math.max(0, colon)).toLowerCase();
      const value = trimmed(line.slice(colon + 1));
      if (!TOKEN.test(name) || NO_VALUE.test(value)) throw new Error('a line that is no field');
      if (name === 'content-length') {
        if (!LENGTH.test(value) || (length !== undefined && length !== value)) throw new Error('two lengths, or none');
        if (length !== undefined) continue;
        length = value;
      } else if (name === 'transfer-encoding') coding = coding === undefined ? value : `${coding},${value}`;
      else if (name === 'connection') this.reusable &&= !/(?:^|,)\s*close\s*(?:,|$)/i.test(value);
      else if (name === 'keep-alive') this.keepAliveS = Number(/timeout=([0-9]{1,9})/i.exec(value)?.[1] ?? 'Infinity');
      raw.push(name, value);
    }
    this.#answer(status, endToEndFields(raw), length, coding, minor === '1');
  }

  /** Where the body ends: RFC 9112, 6.3. */
  #answer(
    status: number,
    fields: string[],
    length: string | undefined,
    coding: string | undefined,
    current: boolean,
  ): void {
    if (status === 101) {
      if (!this.#upgrade) throw new Error('a protocol that nobody asked for');
      this.reusable = false;
      this.#place = 'rest';
      this.#sink?.onSwitch(fields);
      return;
    }
    // Nobody waits for hints.
    if (status === 100) this.#sink?.onContinue();
    if (status < 200) return;
    if (coding !== undefined && (coding.toLowerCase() !== 'chunked' || length !== undefined || !current))
      throw new Error('an answer whose end can be seen in two places');
    this.#left = Number(length ?? 0);
    const none = this.#bodyless || status === 204 || status === 304;
    const last = none || (length !== undefined && this.#left === 0);
    if (last) this.#place = 'nowhere';
    else if (coding !== undefined) this.#place = 'size';
    else if (length !== undefined) this.#place = 'length';
    else {
      this.#place = 'rest';
      this.reusable = false;
    }
    this.#sink?.onAnswer(status, fields, last);
  }
}
