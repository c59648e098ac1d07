// Bugs that show where a process is killed: what is done again is done twice, what was told was never there.
import { acknowledged } from '../check/clients.ts';
import { eventsTellAll } from '../check/events.ts';
import { parcels } from '../check/goods.ts';
import { chargedOnce } from '../check/money.ts';
import { checkerFinds } from './checker.ts';

checkerFinds('what a kill brings to light', [
  {
    bug: 'a charge is repeated without its request_id',
    dies: [['order', 'place-order/charge: answered']],
    breaks: chargedOnce,
  },
  {
    bug: 'a version of payment knows its own charges alone',
    // The charge is repeated at the version that did not make it.
    dies: [
      ['payment-v1', 'charge: answering'],
      ['payment-v2', 'charge: answering'],
    ],
    breaks: chargedOnce,
  },
  {
    bug: 'a shipment is scheduled again without its request_id',
    dies: [['order', 'place-order/schedule: answered']],
    breaks: parcels,
  },
  {
    bug: 'an event is published before the commit',
    dies: [['order', 'createOrder: written']],
    breaks: eventsTellAll,
  },
  { bug: 'an account is told of before it is there', dies: [['user', 'register: written']], breaks: eventsTellAll },
  {
    bug: 'the gateway repeats an order under a request_id of its own',
    dies: [['order', 'createOrder: answering']],
    order: { door: 'gateway' },
    breaks: acknowledged,
  },
]);
