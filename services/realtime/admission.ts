// Who may enter the room of an order: its owner, and support. For everybody else the room does not exist.
// Asked of order-query as the user who wants to enter, so that its rules hold here too.
import { type Context, notFound, recordsOf } from '#kit';
import type { Participant } from '#proto/fairlead/realtime/v1/realtime_service.ts';
import type manifest from './manifest.ts';

/** Names, from user events. */
export const people = recordsOf<typeof manifest>()('people', 'userId');

/** The caller as a participant of the room; NOT_FOUND for those who may not enter. */
export async function admit(context: Context<typeof manifest>, roomId: string): Promise<Participant> {
  const { id: userId, roles } = context.user();
  const orderId = roomId.slice('orders/'.length);
  const { order } = await context.clients['order-query'].getOrder({ orderId });
  const support = order?.userId !== userId;
  if (support && !roles.includes('support')) throw notFound('order', orderId);
  return { userId, displayName: (await people.find(context.db, userId))?.displayName ?? '', support };
}
