// Money: what was charged and not given back is what orders that came through cost, order by order.
import { grouped, type Invariant, placed, sum } from './invariant.ts';

/** Each order is charged once or not at all, whatever was asked again. */
export const chargedOnce: Invariant = {
  name: 'each order is charged 0 or 1 times',
  *check({ payments, paymentEvents }) {
    const charged = payments.filter(({ status }) => status !== 'PAYMENT_STATUS_DECLINED');
    for (const [orderId, all] of grouped(charged, ({ order_id }) => order_id)) {
      if (all.length > 1) yield `order ${orderId} was charged ${all.length} times: ${all.map((one) => one.payment_id)}`;
    }
    const told = paymentEvents.filter(({ payload }) => payload.charged);
    for (const [orderId, all] of grouped(told, ({ payload }) => payload.orderId)) {
      if (all.length > 1) yield `${all.length} charges were told of order ${orderId}`;
    }
  },
};

/** Charged less refunded is what the orders say. */
export const moneyConserved: Invariant = {
  name: 'money is conserved: charged - refunded = what orders say',
  *check({ orders, payments, paymentEvents }) {
    const charged = payments.filter(({ status }) => status !== 'PAYMENT_STATUS_DECLINED');
    const known = new Set(orders.map(({ order_id }) => order_id));
    for (const { order_id, payment_id } of charged) {
      if (!known.has(order_id)) yield `payment ${payment_id} is of an order ${order_id} that does not exist`;
    }
    for (const { order_id, status, total, payment_id, refunded } of orders) {
      const own = charged.filter((payment) => payment.order_id === order_id);
      const kept = sum(own, (payment) => payment.amount - payment.refunded);
      const due = placed.has(status) ? total : 0;
      if (kept !== due) yield `order ${order_id} is ${status}: ${kept} were kept, ${due} are due`;
      const back = sum(own, (payment) => payment.refunded);
      if (back !== refunded) yield `order ${order_id} says ${refunded} were given back, payment says ${back}`;
      if (placed.has(status) && own[0]?.payment_id !== payment_id) {
        yield `order ${order_id} names payment ${payment_id}, payment has ${own[0]?.payment_id}`;
      }
    }
    for (const { payment_id, amount, refunded } of charged) {
      const own = paymentEvents.filter(({ payload }) => payload.paymentId === payment_id);
      const told = sum(own, ({ payload }) => payload.charged?.amount?.units ?? 0);
      const back = sum(own, ({ payload }) => payload.refunded?.amount?.units ?? 0);
      if (told !== amount || back !== refunded) {
        yield `payment ${payment_id} is ${amount} less ${refunded}, its events say ${told} less ${back}`;
      }
    }
  },
};

/** Orders cost what the catalogue says, whichever process it said it with. */
export const catalogPrices: Invariant = {
  name: "an order costs what the catalogue's prices come to",
  *check({ orders, prices }) {
    for (const { order_id, items, total } of orders) {
      const due = sum(items, ({ productId, quantity }) => quantity * (prices.get(productId) ?? Number.NaN));
      if (due !== total) yield `order ${order_id} costs ${total}, its pieces cost ${due}`;
    }
  },
};

/** Both versions of payment charge; each leaves what it does, whoever is asked again. */
export const versionsApart: Invariant = {
  name: 'a charge bears the version of payment that made it',
  *check({ payments, orderEvents }) {
    for (const { payment_id, charged_by_version: version, risk } of payments) {
      if (version !== 'v1' && version !== 'v2') yield `payment ${payment_id} was charged by ${version}`;
      if ((risk === null) !== (version === 'v1'))
        yield `payment ${payment_id} of ${version} has the risk ${JSON.stringify(risk)}`;
    }
    for (const { payload } of orderEvents) {
      const { paid } = payload;
      if (paid && paid.paymentVersion !== 'v1' && paid.paymentVersion !== 'v2') {
        yield `order ${payload.orderId} was paid with version '${paid.paymentVersion}'`;
      }
    }
  },
};
