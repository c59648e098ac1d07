// Bugs that show by themselves: what comes twice, and what is lost.
import { soldToOrders } from '../check/goods.ts';
import { queryEqualsOrders, toldOnce } from '../check/read-models.ts';
import { saidOnce } from '../check/rooms.ts';
import { sagasEnd } from '../check/sagas.ts';
import { checkerFinds } from './checker.ts';

checkerFinds('what shows by itself', [
  { bug: 'a saga is started twice', breaks: sagasEnd },
  { bug: 'a release is lost', order: { cancelAfterMs: 0 }, breaks: soldToOrders },
  { bug: 'an event is handled twice', breaks: toldOnce },
  { bug: 'an event is lost on the way to the read model', breaks: queryEqualsOrders },
  { bug: 'what is said is taken twice', order: { says: 1 }, breaks: saidOnce },
]);
