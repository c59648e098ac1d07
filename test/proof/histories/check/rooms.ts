// Rooms: what was said is kept once, in one order, and whoever has gone sits nowhere.
import { grouped, type Invariant } from './invariant.ts';

/** What came back to its speaker is in the room. */
export const saidOnce: Invariant = {
  name: 'what was said is in its room once, and nobody is left in one',
  *check({ history, messages, orders, seats }) {
    for (const [roomId, all] of grouped(messages, ({ room_id }) => room_id)) {
      const owner = orders.find(({ order_id }) => roomId === `orders/${order_id}`)?.user_id;
      for (const [index, { sequence, author_id }] of all.entries()) {
        if (sequence !== index + 1) yield `message ${index + 1} of ${roomId} has the number ${sequence}`;
        if (author_id !== owner) yield `message ${sequence} of ${roomId} is of ${author_id}, the room of ${owner}`;
      }
      for (const [text, same] of grouped(all, (message) => message.text)) {
        if (same.length > 1) yield `'${text}' was said once and is in ${roomId} ${same.length} times`;
      }
    }
    for (const { type, does, value } of history) {
      if (type !== 'ok' || does !== 'Say') continue;
      const kept = messages.find((one) => one.room_id === `orders/${value.orderId}` && one.sequence === value.sequence);
      if (kept?.text !== value.text)
        yield `'${value.text}' came back as ${value.sequence}, and is ${kept?.text ?? 'lost'}`;
    }
    if (seats > 0) yield `${seats} seats are taken by people who have gone`;
  },
};
