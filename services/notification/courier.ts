// Carries notifications to the channels that lie outside of the database: emails and log lines.
// A delivery is held while it is under way; one whose process dies is delivered again, under the same Message-ID.
import type { Application } from '#kit';
import { nextAttempt } from './domain/delivery-plan.ts';
import { mailerOf } from './mail/mailer.ts';
import type manifest from './manifest.ts';
import { type DueDelivery, lockDueDelivery, settleDelivery } from './store/deliveries.ts';

async function carry(application: Application<typeof manifest>, delivery: DueDelivery): Promise<void> {
  const { notification_id: id, user_id: userId, title: subject, body: text, email, display_name } = delivery;
  if (delivery.channel === 'CHANNEL_LOG') {
    application.log.info('notification', { notificationId: id, userId, title: subject });
    return;
  }
  if (email === null) throw new Error('the address book does not know the user yet');
  await mailerOf(application)({ id, to: { name: display_name ?? '', address: email }, subject, text });
}

/** Delivers what is due next; false when nothing is. */
export function deliverNext(application: Application<typeof manifest>): Promise<boolean> {
  return application.transaction(async ({ db }) => {
    const now = application.clock.now();
    const delivery = await lockDueDelivery(db, now);
    if (delivery === undefined) return false;
    const failure = await carry(application, delivery).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure === undefined) {
      await settleDelivery(db, delivery, { state: 'DELIVERY_STATE_SENT', detail: '', nextAttemptAt: null, now });
      return true;
    }
    const nextAttemptAt = nextAttempt(delivery.attempts + 1, now) ?? null;
    const state = nextAttemptAt === null ? 'DELIVERY_STATE_FAILED' : 'DELIVERY_STATE_PENDING';
    const detail = failure instanceof Error ? failure.message.slice(0, 500) : 'failed';
    await settleDelivery(db, delivery, { state, detail, nextAttemptAt, now });
    application.log.warn('delivery failed', { notificationId: delivery.notification_id, state, error: failure });
    return true;
  });
}
