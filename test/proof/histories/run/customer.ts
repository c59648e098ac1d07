// A customer: places one order as planned, asks again when no answer comes, calls it off, and looks at it meanwhile.
import { RpcError } from '#kit';
import { systemClock } from '#kit/clock/system-clock.ts';
import type { ContractClient } from '#kit/testing/test-client.ts';
import type { PlannedOrder } from '../plan/plan.ts';
import type { History } from './history.ts';

/** Connections of a customer, with their token. */
export interface Counter {
  readonly orders: ContractClient<'fairlead.order.v1.OrderService'>;
  readonly reading: ContractClient<'fairlead.orderquery.v1.OrderQueryService'>;
}

/** Codes that say for sure that nothing was done, and that asking again is no use. */
const refusals = new Set([
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'FAILED_PRECONDITION',
  'PERMISSION_DENIED',
]);
/** Longest time that a customer asks again. */
const patienceMs = 120_000;
const address = { recipient: 'Ada', lines: ['Long Lane 1'], city: 'Leeds', countryCode: 'GB' } as const;

/** One customer with one order. */
export class Customer {
  readonly #plan: PlannedOrder;
  readonly #counter: Counter;
  readonly #history: History;
  readonly #name: string;

  constructor(name: string, plan: PlannedOrder, counter: Counter, history: History) {
    this.#name = name;
    this.#plan = plan;
    this.#counter = counter;
    this.#history = history;
  }

  /** Everything that the plan says; never rejects. */
  async act(): Promise<void> {
    const { at, twice, reuses, cancelAfterMs } = this.#plan;
    await systemClock.sleep(at);
    const answers = await Promise.all([this.#create(), ...(twice ? [this.#create()] : [])]);
    const orderId = answers.find((answer) => answer !== undefined);
    if (orderId === undefined) return;
    const looking = this.#look(orderId);
    if (reuses) await this.#reuse();
    if (cancelAfterMs !== undefined) {
      await systemClock.sleep(cancelAfterMs);
      await this.#cancel(orderId);
    }
    await looking;
  }

  /** Places the order; its id, if there was an answer. */
  async #create(): Promise<string | undefined> {
    const { requestId, items, paymentToken } = this.#plan;
    const request = { requestId, userId: 'me', items, shippingAddress: address, paymentToken };
    return this.#ask('CreateOrder', { requestId }, async (timeout) => {
      const { order } = await this.#counter.orders.createOrder(request, { timeout });
      return { orderId: order?.orderId ?? '', status: order?.status ?? '', sequence: order?.sequence ?? 0 };
    });
  }

  async #reuse(): Promise<void> {
    const { requestId, items } = this.#plan;
    const request = { requestId, userId: 'me', items, shippingAddress: address, paymentToken: 'tok_other' };
    await this.#ask('CreateOrder of another basket', { requestId }, async (timeout) => {
      const { order } = await this.#counter.orders.createOrder(request, { timeout });
      return { orderId: order?.orderId ?? '' };
    });
  }

  async #cancel(orderId: string): Promise<void> {
    await this.#ask('CancelOrder', { orderId }, async (timeout) => {
      const { order } = await this.#counter.orders.cancelOrder({ orderId, reason: 'changed my mind' }, { timeout });
      return { orderId, status: order?.status ?? '', sequence: order?.sequence ?? 0 };
    });
  }

  /** Reads the order a few times; what it says must never go back. */
  async #look(orderId: string): Promise<void> {
    for (let time = 0; time < 3; time++) {
      await systemClock.sleep(60);
      try {
        const { order } = await this.#counter.reading.getOrder({ orderId }, { timeout: '2s' });
        const value = { orderId, status: order?.status ?? '', sequence: order?.sequence ?? 0 };
        this.#history.add(this.#name, 'ok', 'GetOrder', value);
      } catch {
        // Not there yet, or nobody there: reading again is no matter of this suite.
      }
    }
  }

  /** One operation, tried until it is answered or patience ends; the order's id in the answer. */
  async #ask(
    does: string,
    value: Readonly<Record<string, unknown>>,
    call: (timeout: `${number}ms`) => Promise<{ readonly orderId: string }>,
  ): Promise<string | undefined> {
    const history = this.#history;
    const until = history.now() + patienceMs;
    let timeoutMs = this.#plan.timeoutMs;
    for (let pause = 40; ; pause = Math.min(2 * pause, 320)) {
      history.add(this.#name, 'invoke', does, value);
      try {
        const answer = await call(`${timeoutMs}ms`);
        history.add(this.#name, 'ok', does, { ...value, ...answer });
        return answer.orderId;
      } catch (error) {
        const code = RpcError.is(error) ? error.code : 'none';
        const reason = RpcError.is(error) ? (error.details.reason ?? '') : String(error);
        const refused = refusals.has(code);
        history.add(this.#name, refused ? 'fail' : 'info', does, { ...value, code, reason });
        if (refused || !this.#plan.insists || history.now() > until) return undefined;
      }
      await systemClock.sleep(pause);
      timeoutMs = 5_000;
    }
  }
}
