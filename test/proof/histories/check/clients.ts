// What customers were answered: what was acknowledged is there, once a request, and never goes back.
import type { Entry } from '../run/history.ts';
import { final, grouped, type Invariant } from './invariant.ts';

const text = (entry: Entry, key: string): string => String(entry.value[key] ?? '');

/** An answer is a promise. */
export const acknowledged: Invariant = {
  name: 'acknowledged orders are never lost, and a request places one order however often it is sent',
  *check({ plan, history, orders, orderOfRequest }) {
    const ids = new Set(orders.map(({ order_id }) => order_id));
    const answers = history.filter(({ type, does }) => type === 'ok' && does === 'CreateOrder');
    for (const [requestId, all] of grouped(answers, (entry) => text(entry, 'requestId'))) {
      const named = new Set(all.map((entry) => text(entry, 'orderId')));
      if (named.size > 1) yield `request ${requestId} was answered with ${named.size} orders: ${[...named].join(', ')}`;
      for (const id of named)
        if (!ids.has(id)) yield `order ${id} was acknowledged to request ${requestId} and is lost`;
    }
    // Each order is some request's: one too many was placed by a repetition.
    const ofRequests = new Set(orderOfRequest.values());
    for (const id of ids) if (!ofRequests.has(id)) yield `order ${id} belongs to no request`;
    if (ids.size > plan.orders.length) yield `${plan.orders.length} requests placed ${ids.size} orders`;
    for (const { requestId } of plan.orders.filter(({ insists }) => insists)) {
      const refused = history.some(
        (entry) => entry.type === 'fail' && entry.does === 'CreateOrder' && text(entry, 'requestId') === requestId,
      );
      if (!refused && !answers.some((entry) => text(entry, 'requestId') === requestId)) {
        yield `request ${requestId} was never answered, however often it was sent`;
      }
    }
  },
};

/** What a customer saw stays true. */
export const neverBack: Invariant = {
  name: 'no answer is taken back: statuses seen as final stay, and reads never go back',
  *check({ history, orders }) {
    const seen = history.filter(({ type, does }) => type === 'ok' && /^(CreateOrder|CancelOrder|GetOrder)$/.test(does));
    for (const { order_id, status, sequence } of orders) {
      for (const entry of seen.filter((one) => text(one, 'orderId') === order_id)) {
        const was = text(entry, 'status');
        if (final.has(was) && was !== status) yield `order ${order_id} was answered as ${was}, and is ${status}`;
        if (Number(entry.value.sequence) > sequence)
          yield `order ${order_id} was seen at ${entry.value.sequence}, and is at ${sequence}`;
      }
    }
    for (const [reader, reads] of grouped(
      history.filter(({ does }) => does === 'GetOrder'),
      ({ who }) => who,
    )) {
      for (const [index, read] of reads.entries()) {
        const before = reads[index - 1];
        if (before !== undefined && Number(read.value.sequence) < Number(before.value.sequence)) {
          yield `${reader} read ${before.value.sequence} of order ${text(read, 'orderId')}, then ${read.value.sequence}`;
        }
      }
    }
  },
};

/** A request id stands for one request. */
export const requestIdsStand: Invariant = {
  name: 'another request under a known request_id is refused',
  *check({ history }) {
    for (const { type, does, value } of history) {
      if (does !== 'CreateOrder of another basket') continue;
      if (type === 'ok') yield `request ${value.requestId} was answered for another basket`;
      if (type === 'fail' && value.code !== 'ALREADY_EXISTS')
        yield `request ${value.requestId} was refused with ${value.code}`;
    }
  },
};

/** Processes end by kills alone. */
export const processesLive: Invariant = {
  name: 'processes end by kills alone',
  *check({ history }) {
    for (const { type, does, value } of history) {
      if (type === 'nemesis' && does === 'ended' && value.how !== 'SIGKILL') yield `${value.who} ended by ${value.how}`;
    }
  },
};
