// Carries a notification out of the house: an email, or a line in the log. A saga of one step, so that it is tried again
// for about a quarter of an hour, also after a restart; an email bears the same Message-ID at every try.
import { mailerOf } from '#kit/mail/mailer.ts';
import { defineSaga } from '#kit/saga/define-saga.ts';
import type { Channel } from '#proto/fairlead/notification/v1/notification.ts';
import type manifest from './manifest.ts';
import { getNotification, setDelivery } from './store/notifications.ts';
import { addressOf } from './store/preferences.ts';

/** One channel of one notification. */
export interface DeliverState {
  readonly notificationId: string;
  readonly channel: Channel;
}

export const deliver = defineSaga<typeof manifest, DeliverState>({
  name: 'deliver',
  steps: [
    {
      name: 'carry',
      attempts: 25,
      timeout: '30s',
      async run({ notificationId, channel }, context) {
        const { user_id: userId, title, body } = await getNotification(context.db, notificationId);
        if (channel === 'CHANNEL_LOG') {
          context.log.info('notification', { notificationId, userId, title });
          return undefined;
        }
        const to = await addressOf(context.db, userId);
        if (to === undefined) throw new Error(`the address book does not know user ${userId} yet`);
        await mailerOf(context)({ id: notificationId, to, subject: title, text: body });
        return undefined;
      },
    },
  ],
  completed: (delivery, { db }) => setDelivery(db, delivery, { state: 'DELIVERY_STATE_SENT', detail: '' }),
  compensated: (delivery, { db }, failure) =>
    setDelivery(db, delivery, { state: 'DELIVERY_STATE_FAILED', detail: `given up: ${failure?.message ?? ''}` }),
});
