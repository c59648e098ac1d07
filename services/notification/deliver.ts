// Carries a notification out of the house: an email, or a line in the log. A saga of one step, so that it is tried again
// for about a quarter of an hour, also after a restart; an email bears the same Message-ID at every try.
import { mailerOf } from '#kit/mail/mailer.ts';
import { defineSaga } from '#kit/saga/define-saga.ts';
import type { Channel } from '#proto/fairlead/notification/v1/notification.ts';
import type manifest from './manifest.ts';
import { addresses, notifications, setDelivery } from './store/notifications.ts';

/** One channel of one notification. */
export type DeliverState = { readonly notificationId: string; readonly channel: Channel };

export const deliver = defineSaga<typeof manifest, DeliverState>({
  name: 'deliver',
  steps: [
    {
      name: 'carry',
      attempts: 25,
      timeout: '30s',
      async run({ notificationId: id, channel }, context) {
        const { userId, title, body } = await notifications.get(context.db, id);
        if (channel === 'CHANNEL_LOG') {
          context.log.info('notification', { notificationId: id, userId, title });
          return;
        }
        const to = await addresses.find(context.db, userId);
        if (to === undefined) throw new Error(`the address book does not know user ${userId} yet`);
        await mailerOf(context)({ id, to: { address: to.email, name: to.displayName }, subject: title, text: body });
      },
    },
  ],
  completed: (to, { db }) => setDelivery(db, to.notificationId, { ...to, state: 'DELIVERY_STATE_SENT', detail: '' }),
  compensated: (to, { db }, failure) =>
    setDelivery(db, to.notificationId, {
      ...to,
      state: 'DELIVERY_STATE_FAILED',
      detail: `given up: ${failure?.message}`,
    }),
});
