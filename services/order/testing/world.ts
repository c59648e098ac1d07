// The services around orders, played for tests: they keep stock, money and parcels by the rules of their contracts, once
// for each request id. A test can have them fail, lose an answer, or stand still at a place.
import { setTimeout as wait } from 'node:timers/promises';
import { v7 } from 'uuid';
import { RpcError } from '#kit';
import type { Product } from '#proto/fairlead/catalog/v1/product.ts';
import type { ReserveRequest } from '#proto/fairlead/inventory/v1/inventory_service.ts';
import type { ChargeRequest, RefundRequest } from '#proto/fairlead/payment/v1/payment_service.ts';
import type { ScheduleRequest } from '#proto/fairlead/shipping/v1/shipping_service.ts';

/** Calls that change something. */
export type Deed = 'reserve' | 'charge' | 'commit' | 'schedule' | 'cancel' | 'refund' | 'release';

/** What happens at a deed: an error in place of it, or an error or a standstill after it was done. */
export interface Trouble {
  readonly deed: Deed;
  /** Whether the deed is done all the same, and only its answer is lost. */
  readonly done: boolean;
  /** The error of the answer; without one, there is no answer. */
  readonly error?: RpcError;
  /** How often. @default 1 */
  readonly times?: number;
}

interface Reservation {
  readonly id: string;
  readonly orderId: string;
  readonly items: readonly { readonly productId: string; readonly quantity: number }[];
  state: 'HELD' | 'COMMITTED' | 'RELEASED' | 'EXPIRED';
}

interface Payment {
  readonly id: string;
  readonly orderId: string;
  readonly amount: number;
  readonly declined: boolean;
  refunded: number;
}

interface Shipment {
  readonly id: string;
  readonly orderId: string;
  state: 'SCHEDULED' | 'IN_TRANSIT' | 'CANCELLED';
}

interface Place extends Trouble {
  left: number;
}

const currencyCode = 'EUR';

function violated(type: string, subject: string): RpcError {
  return new RpcError('FAILED_PRECONDITION', type, {
    reason: type,
    preconditionViolations: [{ type, subject, description: type }],
  });
}

/** One world; orders are told apart by their first product. */
export class World {
  readonly stock = new Map<string, number>();
  readonly prices = new Map<string, { readonly units: number; readonly currencyCode: string }>();
  readonly reservations = new Map<string, Reservation>();
  readonly payments = new Map<string, Payment>();
  readonly shipments = new Map<string, Shipment>();
  /** Deeds that were done, as `deed orderId`, in their order. */
  readonly deeds: string[] = [];
  readonly #answers = new Map<string, { readonly request: string; readonly id: string }>();
  readonly #troubles = new Map<string, Place[]>();
  readonly #productOf = new Map<string, string>();
  readonly #standing = new Map<string, PromiseWithResolvers<void>>();

  /** A new product, with 10 pieces at 5.00 euros unless told otherwise. */
  addProduct({ stock = 10, units = 500, currency = currencyCode } = {}): string {
    const productId = v7();
    this.stock.set(productId, stock);
    this.prices.set(productId, { units, currencyCode: currency });
    return productId;
  }

  /** Has the order of this product meet trouble. */
  trouble(productId: string, ...troubles: readonly Trouble[]): void {
    const places = troubles.map((trouble) => ({ ...trouble, left: trouble.times ?? 1 }));
    this.#troubles.set(productId, [...(this.#troubles.get(productId) ?? []), ...places]);
  }

  /** Resolves when the order of this product stands still. */
  standing(productId: string): Promise<void> {
    return this.#standstill(productId).promise;
  }

  /** What was done for an order, in its order. */
  deedsOf(orderId: string): string[] {
    return this.deeds.filter((deed) => deed.endsWith(orderId)).map((deed) => deed.split(' ')[0] ?? '');
  }

  /** What the other side of an order comes to now. */
  balance(orderId: string): { readonly charged: number; readonly parcels: number } {
    const of = <T extends { readonly orderId: string }>(all: ReadonlyMap<string, T>): T[] =>
      [...all.values()].filter((one) => one.orderId === orderId);
    const charged = of(this.payments).reduce(
      (sum, { declined, amount, refunded }) => sum + (declined ? 0 : amount - refunded),
      0,
    );
    return { charged, parcels: of(this.shipments).filter(({ state }) => state !== 'CANCELLED').length };
  }

  #standstill(productId: string): PromiseWithResolvers<void> {
    const known = this.#standing.get(productId) ?? Promise.withResolvers<void>();
    this.#standing.set(productId, known);
    return known;
  }

  /** Does a deed, unless there is trouble. */
  async #do<T>(deed: Deed, orderId: string, work: () => T): Promise<T> {
    const productId = this.#productOf.get(orderId) ?? '';
    const trouble = this.#troubles.get(productId)?.find((place) => place.deed === deed && place.left > 0);
    if (trouble !== undefined) trouble.left--;
    const answer = trouble === undefined || trouble.done ? work() : undefined;
    if (trouble?.error !== undefined) throw trouble.error;
    if (answer !== undefined && trouble === undefined) return answer;
    this.#standstill(productId).resolve();
    // Longer than any test; the process that asked is killed meanwhile.
    await wait(60_000, undefined, { ref: false });
    throw new RpcError('UNAVAILABLE', 'stood still');
  }

  /** The id under which a request was answered before, or a new one. */
  #once(method: string, requestId: string, request: object, make: () => string): string {
    const known = this.#answers.get(`${method} ${requestId}`);
    const text = JSON.stringify(request);
    if (known !== undefined && known.request !== text) {
      throw new RpcError('ALREADY_EXISTS', 'another request', { reason: 'REQUEST_ID_REUSED' });
    }
    const id = known?.id ?? make();
    this.#answers.set(`${method} ${requestId}`, { request: text, id });
    return id;
  }

  #note(deed: Deed, orderId: string): void {
    this.deeds.push(`${deed} ${orderId}`);
  }

  readonly catalog = {
    batchGetProducts: async ({ productIds }: { readonly productIds: readonly string[] }) => {
      const products = productIds.flatMap((productId): Partial<Product>[] => {
        const price = this.prices.get(productId);
        return price === undefined ? [] : [{ productId, name: `Product ${productId.slice(-4)}`, price }];
      });
      return { products, missingProductIds: productIds.filter((id) => !this.prices.has(id)) };
    },
  };

  readonly inventory = {
    reserve: async (request: ReserveRequest) => {
      const { orderId, items, requestId } = request;
      this.#productOf.set(orderId, items[0]?.productId ?? '');
      return this.#do('reserve', orderId, () => {
        const reservationId = this.#once('reserve', requestId, request, () => {
          const short = items.find(({ productId, quantity }) => (this.stock.get(productId) ?? 0) < quantity);
          if (short !== undefined) throw violated('OUT_OF_STOCK', short.productId);
          for (const item of items) this.#move(item.productId, -item.quantity);
          this.#note('reserve', orderId);
          const id = v7();
          this.reservations.set(id, { id, orderId, items, state: 'HELD' });
          return id;
        });
        return { reservation: { reservationId, orderId, expireTime: new Date('2030-01-01T00:00:00Z') } };
      });
    },
    commit: async ({ reservationId }: { readonly reservationId: string }) => {
      const reservation = this.#reservation(reservationId);
      return this.#do('commit', reservation.orderId, () => {
        if (reservation.state === 'EXPIRED') throw violated('RESERVATION_EXPIRED', reservationId);
        if (reservation.state === 'HELD') this.#note('commit', reservation.orderId);
        reservation.state = 'COMMITTED';
        return { reservation: { reservationId } };
      });
    },
    release: async ({ reservationId }: { readonly reservationId: string }) => {
      const reservation = this.#reservation(reservationId);
      return this.#do('release', reservation.orderId, () => {
        if (reservation.state === 'HELD' || reservation.state === 'COMMITTED') {
          for (const item of reservation.items) this.#move(item.productId, item.quantity);
          reservation.state = 'RELEASED';
          this.#note('release', reservation.orderId);
        }
        return { reservation: { reservationId } };
      });
    },
  };

  readonly payment = {
    charge: async (request: ChargeRequest) => {
      const { orderId, requestId, amount, paymentToken } = request;
      return this.#do(paymentToken === 'tok_void' ? 'refund' : 'charge', orderId, () => {
        if (paymentToken === 'tok_unavailable') throw new RpcError('UNAVAILABLE', 'the card cannot be reached');
        const paymentId = this.#once('charge', requestId, request, () => {
          const id = v7();
          const declined = paymentToken !== 'tok_approve';
          this.payments.set(id, { id, orderId, amount: amount?.units ?? 0, declined, refunded: 0 });
          if (!declined) this.#note('charge', orderId);
          return id;
        });
        const declined = this.payments.get(paymentId)?.declined ?? true;
        const status = declined ? ('PAYMENT_STATUS_DECLINED' as const) : ('PAYMENT_STATUS_CHARGED' as const);
        return { payment: { paymentId, orderId, status, amount }, version: 'v2' };
      });
    },
    refund: async (request: RefundRequest) => {
      const payment = this.payments.get(request.paymentId);
      if (payment === undefined) throw new RpcError('NOT_FOUND', 'no such payment');
      return this.#do('refund', payment.orderId, () => {
        if (payment.refunded < payment.amount) this.#note('refund', payment.orderId);
        payment.refunded = payment.amount;
        return { payment: { paymentId: payment.id, refundedAmount: { currencyCode, units: payment.refunded } } };
      });
    },
  };

  readonly shipping = {
    schedule: async (request: ScheduleRequest) => {
      const { orderId, requestId } = request;
      return this.#do('schedule', orderId, () => {
        const shipmentId = this.#once('schedule', requestId, request, () => {
          const id = v7();
          this.shipments.set(id, { id, orderId, state: 'SCHEDULED' });
          this.#note('schedule', orderId);
          return id;
        });
        return { shipment: { shipmentId, orderId, trackingNumber: 'FL000000000001' } };
      });
    },
    cancel: async ({ shipmentId }: { readonly shipmentId: string }) => {
      const shipment = this.shipments.get(shipmentId);
      if (shipment === undefined) throw new RpcError('NOT_FOUND', 'no such shipment');
      return this.#do('cancel', shipment.orderId, () => {
        if (shipment.state === 'IN_TRANSIT') throw violated('ALREADY_IN_TRANSIT', shipmentId);
        if (shipment.state === 'SCHEDULED') this.#note('cancel', shipment.orderId);
        shipment.state = 'CANCELLED';
        return { shipment: { shipmentId } };
      });
    },
  };

  #reservation(id: string): Reservation {
    const reservation = this.reservations.get(id);
    if (reservation === undefined) throw new RpcError('NOT_FOUND', 'no such reservation');
    return reservation;
  }

  #move(productId: string, pieces: number): void {
    this.stock.set(productId, (this.stock.get(productId) ?? 0) + pieces);
  }

  /** Answers for the order service's declared calls. */
  get fakes() {
    const { catalog, inventory, payment, shipping } = this;
    return { catalog, inventory, payment, shipping };
  }
}
