// A customer: registers or logs in, places one order as planned, asks again when no answer comes, calls it off, looks at it and
// says something about it meanwhile.
import { RpcError } from '#kit';
import { systemClock } from '#kit/clock/system-clock.ts';
import type { PlannedOrder } from '../plan/plan.ts';
import type { Counter, Door, Login, Seen } from './doors/door.ts';
import type { History } from './history.ts';

/** Codes that say for sure that nothing was done, and that asking again is no use. */
const refusals = new Set([
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'FAILED_PRECONDITION',
  'PERMISSION_DENIED',
  'UNAUTHENTICATED',
]);
/** Longest time that a customer asks again. */
const patienceMs = 120_000;

/** One operation. */
interface Operation<T> {
  readonly does: string;
  /** What it is about, for the history. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly call: (timeoutMs: number) => Promise<T>;
  /** Tries until there is an answer. */
  readonly insists: boolean;
}

/** One customer with one order. */
export class Customer {
  readonly #plan: PlannedOrder;
  readonly #door: Door;
  readonly #history: History;
  readonly #name: string;

  constructor(name: string, plan: PlannedOrder, door: Door, history: History) {
    this.#name = name;
    this.#plan = plan;
    this.#door = door;
    this.#history = history;
  }

  /** Everything that the plan says; never rejects. */
  async act(): Promise<void> {
    const { at, twice, reuses, cancelAfterMs } = this.#plan;
    await systemClock.sleep(at);
    const login = await this.#enter();
    if (login === undefined) return;
    const counter = this.#door.counter(login.token);
    const answers = await Promise.all([this.#create(counter), ...(twice ? [this.#create(counter)] : [])]);
    const orderId = answers.find((answer) => answer !== undefined)?.orderId;
    if (orderId === undefined) return;
    const meanwhile = [this.#look(counter, orderId), this.#talk(counter, orderId)];
    if (reuses) await this.#reuse(counter);
    if (cancelAfterMs !== undefined) {
      await systemClock.sleep(cancelAfterMs);
      await this.#cancel(counter, orderId);
    }
    await Promise.all(meanwhile);
  }

  /** Registers the account. One that is there already was made by another customer, or by a try whose answer was lost. */
  async #enter(): Promise<Login | undefined> {
    const { email } = this.#plan;
    const door = this.#door;
    const common = { value: { email }, insists: true };
    const registered = await this.#ask({
      ...common,
      does: 'Register',
      call: (timeout) => door.register(email, timeout),
    });
    return registered ?? this.#ask({ ...common, does: 'Login', call: (timeout) => door.login(email, timeout) });
  }

  /** Places the order. */
  #create(counter: Counter): Promise<Seen | undefined> {
    const { requestId, items, paymentToken, insists } = this.#plan;
    const wish = { requestId, items, paymentToken };
    const call = (timeoutMs: number): Promise<Seen> => counter.createOrder(wish, timeoutMs);
    return this.#ask({ does: 'CreateOrder', value: { requestId }, call, insists });
  }

  async #reuse(counter: Counter): Promise<void> {
    const { requestId, items, insists } = this.#plan;
    const wish = { requestId, items, paymentToken: 'tok_other' };
    const call = (timeoutMs: number): Promise<Seen> => counter.createOrder(wish, timeoutMs);
    await this.#ask({ does: 'CreateOrder of another basket', value: { requestId }, call, insists });
  }

  async #cancel(counter: Counter, orderId: string): Promise<void> {
    const { insists } = this.#plan;
    const call = (timeoutMs: number): Promise<Seen> => counter.cancelOrder(orderId, timeoutMs);
    await this.#ask({ does: 'CancelOrder', value: { orderId }, call, insists });
  }

  /** Reads the order a few times; what it says must never go back. */
  async #look(counter: Counter, orderId: string): Promise<void> {
    for (let time = 0; time < 3; time++) {
      await systemClock.sleep(60);
      try {
        this.#history.add(this.#name, 'ok', 'GetOrder', { ...(await counter.getOrder(orderId, 2_000)) });
      } catch {
        // Not there yet, or nobody there: reading again is no matter of this suite.
      }
    }
  }

  /** Says something until it was heard; each try has words of its own. */
  async #talk(counter: Counter, orderId: string): Promise<void> {
    const { says, requestId, insists } = this.#plan;
    let tries = 0;
    for (let line = 1; line <= says; line++) {
      const call = (timeoutMs: number) => counter.say(orderId, `${requestId}, line ${line}, try ${++tries}`, timeoutMs);
      await this.#ask({ does: 'Say', value: { orderId, line }, call, insists });
    }
  }

  /** One operation, tried until it is answered or patience ends; the answer, if there was one. */
  async #ask<T extends object>({ does, value, call, insists }: Operation<T>): Promise<T | undefined> {
    const history = this.#history;
    const until = history.now() + patienceMs;
    let { timeoutMs } = this.#plan;
    for (let pause = 40; ; pause = Math.min(2 * pause, 320)) {
      history.add(this.#name, 'invoke', does, value);
      try {
        const answer = await call(timeoutMs);
        // Whoever reads the history needs no token.
        const { token: _, ...told } = { token: '', ...answer };
        history.add(this.#name, 'ok', does, { ...value, ...told });
        return answer;
      } catch (error) {
        const code = RpcError.is(error) ? error.code : 'none';
        const reason = RpcError.is(error) ? (error.details.reason ?? '') : String(error);
        const refused = refusals.has(code);
        history.add(this.#name, refused ? 'fail' : 'info', does, { ...value, code, reason });
        if (refused || !insists || history.now() > until) return undefined;
      }
      await systemClock.sleep(pause);
      timeoutMs = 5_000;
    }
  }
}
