// A way in, as a customer sees it: HTTP at the gateway, or gRPC at the services behind it.
import type { BasketItem } from '#proto/fairlead/order/v1/order_service.ts';

/** What a customer sees of an order. */
export interface Seen {
  readonly orderId: string;
  readonly status: string;
  readonly sequence: number;
}

/** What a customer holds of an account. */
export interface Login {
  readonly userId: string;
  readonly token: string;
}

/** What is asked of an order. */
export interface Wish {
  readonly requestId: string;
  readonly items: readonly Pick<BasketItem, 'productId' | 'quantity'>[];
  readonly paymentToken: string;
}

/** Something that was said and came back, so that it is kept. */
export interface Said {
  readonly orderId: string;
  readonly text: string;
  readonly sequence: number;
}

/** The platform to one customer. Calls reject with an RpcError where there was an answer. */
export interface Counter {
  createOrder(wish: Wish, timeoutMs: number): Promise<Seen>;
  cancelOrder(orderId: string, timeoutMs: number): Promise<Seen>;
  getOrder(orderId: string, timeoutMs: number): Promise<Seen>;
  /** Says it once in the order's room; whoever does not hear it come back does not know whether it was heard. */
  say(orderId: string, text: string, timeoutMs: number): Promise<Said>;
}

/** A way in. */
export interface Door {
  register(email: string, timeoutMs: number): Promise<Login>;
  login(email: string, timeoutMs: number): Promise<Login>;
  /** Serves whoever has this token. */
  counter(token: string): Counter;
  close(): Promise<void>;
}

/** Everybody's password. */
export const password = 'correct horse battery';

/** Where everything goes. */
export const shippingAddress = { recipient: 'Ada', lines: ['Long Lane 1'], city: 'Leeds', countryCode: 'GB' } as const;

/** What accounts are called. */
export function nameOf(email: string): string {
  return `Ada ${email.slice(24, 36)}`;
}

/** An order as either door shows it; 64 bits are text in JSON. */
export interface ShownOrder {
  readonly orderId: string;
  readonly status: string;
  readonly sequence: number | string;
}

/** What a customer remembers of it. */
export function seen(order: ShownOrder | null | undefined): Seen {
  return { orderId: order?.orderId ?? '', status: order?.status ?? '', sequence: Number(order?.sequence ?? 0) };
}
