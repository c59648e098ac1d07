// By which channels a notification goes out, as its user wants it.
// A channel that is left out is said to be: whoever looks sees that nothing was lost.
import type { Channel, Delivery, NotificationKind, Preferences } from '#proto/fairlead/notification/v1/notification.ts';

/** How a user wants to be told. */
export type Wishes = Pick<Preferences, 'channels' | 'mutedKinds'>;

/** The wishes of a user who never said any. */
export const defaultWishes: Wishes = { channels: ['CHANNEL_EMAIL', 'CHANNEL_IN_APP'], mutedKinds: [] };

/** One channel of a plan; the detail says why it is left out. */
export type PlannedDelivery = Omit<Delivery, 'updateTime'>;

const channels: readonly Channel[] = ['CHANNEL_EMAIL', 'CHANNEL_IN_APP', 'CHANNEL_LOG'];

/** What becomes of each channel. In-app is done as soon as the notification is there. */
export function planDeliveries(kind: NotificationKind, wishes: Wishes): PlannedDelivery[] {
  const muted = wishes.mutedKinds.includes(kind);
  return channels.map((channel) => {
    if (muted) return { channel, state: 'DELIVERY_STATE_SKIPPED', detail: 'the user muted this kind' };
    if (!wishes.channels.includes(channel)) {
      return { channel, state: 'DELIVERY_STATE_SKIPPED', detail: 'the user does not want this channel' };
    }
    const state = channel === 'CHANNEL_IN_APP' ? 'DELIVERY_STATE_SENT' : 'DELIVERY_STATE_PENDING';
    return { channel, state, detail: '' };
  });
}
