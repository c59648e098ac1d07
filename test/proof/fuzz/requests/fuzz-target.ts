// One real service under fuzzed requests: valid ones are never INTERNAL, those that break a rule are refused with the field
// named, bytes that are no message get a canonical status. Ids that the service gave out come back in later requests.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ClientChannel } from '#kit/client/client-transport.ts';
import { type Contract, type ContractMethod, loadContract } from '#kit/contract/contract.ts';
import { platformContracts } from '#kit/contract/contract-source.ts';
import type { ContractName } from '#kit/contract/shapes.ts';
import { loadTransportUnderTest } from '#kit/testing/transport-under-test.ts';
import { validatorOf } from '#kit/validation/validator.ts';
import { type Answer, rawCall } from './raw-call.ts';
import { spoilings } from './spoilt-message.ts';
import { validMessage } from './valid-message.ts';

/** How much is tried of each method, from which seed. */
export interface Effort {
  /** Valid requests a method. */
  readonly runs: number;
  readonly seed: number;
}

/** What a fuzzed service tells of itself. */
export interface Target {
  readonly contract: ContractName;
  readonly address: string;
  /** Bearer tokens to call with, in turn. */
  readonly tokens: readonly string[];
}

const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const uuidAnywhere = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;
/** Codes that say that the service itself is wrong. */
const faults: ReadonlySet<unknown> = new Set(['INTERNAL', 'UNKNOWN', 'DATA_LOSS', 'UNIMPLEMENTED', 'UNAVAILABLE']);
const mostIds = 200;
/** How long a stream of a valid request is listened to, and one that has to be refused. */
const listening = { valid: 150, spoilt: 15_000 } as const;

/** See the head of the file. */
export class FuzzTarget {
  readonly contract: Contract;
  readonly #channel: ClientChannel;
  readonly #target: Target;
  readonly #ids: string[] = [];

  private constructor(target: Target, channel: ClientChannel) {
    this.#target = target;
    this.#channel = channel;
    this.contract = loadContract(target.contract);
  }

  static async open(target: Target): Promise<FuzzTarget> {
    const { openChannel } = await loadTransportUnderTest();
    return new FuzzTarget(target, openChannel(target.address, { userAgent: 'fairlead-fuzz', proxy: false }));
  }

  close(): void {
    this.#channel.close();
  }

  /** Valid requests: whatever comes of them, it is not the service's fault. */
  async valid(method: ContractMethod, { runs, seed }: Effort): Promise<void> {
    const message = validMessage(platformContracts.message(method.requestType));
    const requests =
      method.kind === 'clientStream' || method.kind === 'bidiStream' ? { maxLength: 4 } : { maxLength: 1 };
    const list = fc.array(message, { minLength: 1, ...requests });
    const validate = validatorOf(method.requestType);
    const property = fc.asyncProperty(list, fc.nat(), async (messages, who) => {
      for (const one of messages) {
        const read = method.request.decode(method.request.encode(one));
        assert.deepEqual(validate?.(read) ?? [], [], 'the generated request is valid');
      }
      const answer = await this.#call(
        method,
        messages.map((one) => method.request.encode(this.#knowing(one) as object)),
        who,
      );
      assert.ok(!faults.has(answer.code), `${method.path} answered ${describe(answer)}`);
      if (answer.code === 'INVALID_ARGUMENT') {
        assert.ok(answer.details.fieldViolations?.length, `no field is named: ${describe(answer)}`);
      }
    });
    await fc.assert(property, { numRuns: runs, seed, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false });
  }

  /** Each rule broken, `runs` times at most: INVALID_ARGUMENT, and exactly that field is named. Gives how many there are. */
  async spoilt(method: ContractMethod, { runs, seed }: Effort): Promise<number> {
    const type = platformContracts.message(method.requestType);
    const all = [...spoilings(type)];
    const bases = fc.sample(validMessage(type), { numRuns: Math.min(runs, 3), seed });
    for (const { field, rule, spoil } of all) {
      for (const base of bases) {
        // Lists have an item at least where one of them is spoilt.
        const message = spoil(field.includes('[0]') ? withItems(base, fc.sample(validMessage(type), 30)) : base);
        const answer = await this.#call(method, [method.request.encode(message)], 0, listening.spoilt);
        const where = `${method.path}: ${field} breaks ${rule}`;
        assert.equal(answer.code, 'INVALID_ARGUMENT', `${where}: ${describe(answer)}`);
        assert.equal(answer.details.reason, 'INVALID_REQUEST', `${where}: ${describe(answer)}`);
        const named = new Set(answer.details.fieldViolations?.map((violation) => violation.field));
        assert.deepEqual([...named], [field], `${where}: ${describe(answer)}`);
      }
    }
    return all.length;
  }

  /** Bytes that nobody meant: refused as malformed or against a rule, or by chance a request like another. */
  async bytes(method: ContractMethod, { runs, seed }: Effort): Promise<void> {
    const message = validMessage(platformContracts.message(method.requestType));
    const cut = fc.tuple(message, fc.nat(), fc.uint8Array({ maxLength: 8 })).map(([whole, at, noise]) => {
      const bytes = method.request.encode(whole);
      return Buffer.concat([bytes.subarray(0, at % (bytes.length + 1)), noise]);
    });
    const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    const property = fc.asyncProperty(fc.oneof(cut, noise), async (body) => {
      const answer = await this.#call(method, [body], 0);
      assert.ok(!faults.has(answer.code), `${method.path} answered ${describe(answer)} to ${body.toString('hex')}`);
    });
    await fc.assert(property, { numRuns: runs, seed });
  }

  async #call(
    method: ContractMethod,
    bodies: readonly Buffer[],
    who: number,
    ms: number = listening.valid,
  ): Promise<Answer> {
    const { tokens } = this.#target;
    const token = tokens[who % tokens.length] ?? '';
    const stream = method.kind === 'serverStream' || method.kind === 'bidiStream';
    const answer = await rawCall(this.#channel, method.path, bodies, {
      metadata: token === '' ? {} : { authorization: `Bearer ${token}` },
      streamMs: stream ? ms : undefined,
    });
    for (const response of answer.responses) {
      const text = JSON.stringify(method.response.toJson(method.response.decode(response)));
      this.#ids.push(...(text.match(uuidAnywhere) ?? []).slice(0, 20));
      this.#ids.splice(0, Math.max(0, this.#ids.length - mostIds));
    }
    return answer;
  }

  /** The message with about half of its ids among those that the service knows. */
  #knowing(value: unknown): unknown {
    if (typeof value === 'string') {
      const number = uuidPattern.test(value) ? Number.parseInt(value.slice(-6), 16) : 1;
      return number % 2 === 0 ? (this.#ids[number % Math.max(this.#ids.length, 1)] ?? value) : value;
    }
    if (Array.isArray(value)) {
      const known = value.map((item) => this.#knowing(item));
      // A rule may say that no two are the same.
      return new Set(known).size === new Set(value).size ? known : value;
    }
    if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array)
      return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.#knowing(item)]));
  }
}

/** The message, with lists that are empty taken from messages where they are not. */
function withItems(
  message: Record<string, unknown>,
  others: readonly Record<string, unknown>[],
): Record<string, unknown> {
  const filled = Object.entries(message).map(([name, value]) => {
    const other = others.find((one) => Array.isArray(one[name]) && (one[name] as unknown[]).length > 0);
    return [name, Array.isArray(value) && value.length === 0 ? (other?.[name] ?? value) : value];
  });
  return Object.fromEntries(filled);
}

function describe({ code, message, details }: Answer): string {
  return `${code} "${message}" ${JSON.stringify(details)}`;
}
