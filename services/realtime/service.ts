// Rooms where customers and support talk about an order. A conversation lives in one replica, rooms in the database:
// replicas hear of each other's messages, comings and goings there.
import { implement, repeat } from '#kit';
import { converse } from '#kit/streams/converse.ts';
import { people } from './admission.ts';
import { replica, roomConversation, topicOf } from './conversation.ts';
import manifest from './manifest.ts';
import { keepSeats } from './store/presences.ts';

export default implement(
  manifest,
  {
    chat: (requests, context) =>
      converse(requests, context, context.config.CHAT_BACKLOG, (outlet) => roomConversation(context, outlet)),
  },
  {
    async start(application) {
      void repeat(application, { name: 'keeping seats', every: '5s' }, () =>
        application.transaction(async (unit) => {
          for (const roomId of await keepSeats(unit.db, replica(application))) await unit.changed(topicOf(roomId));
          return false;
        }),
      );
    },
    on: {
      async 'fairlead.user.v1.UserEvent'({ payload }, unit) {
        const { userId, registered, updated } = payload;
        const account = registered ?? updated;
        if (account !== undefined) await people.put(unit.db, { userId, displayName: account.displayName });
      },
    },
  },
);
