// Rooms where customers and support talk about an order. A conversation lives in one replica, rooms in the database:
// replicas hear of each other's messages, comings and goings there.
import { implement, repeat } from '#kit';
import { converse } from '#kit/streams/converse.ts';
import { RoomConversation, replicaId, topicOf } from './conversation.ts';
import manifest from './manifest.ts';
import { putName } from './store/people.ts';
import { keepSeats } from './store/presences.ts';

export default implement(
  manifest,
  {
    chat: (requests, context) =>
      converse(requests, context, context.config.CHAT_BACKLOG, (outlet) => new RoomConversation(context, outlet)),
  },
  {
    async start(application) {
      void repeat(application, { name: 'keeping seats', every: '5s' }, () =>
        application.transaction(async (unit) => {
          for (const roomId of await keepSeats(unit.db, replicaId(application))) await unit.changed(topicOf(roomId));
          return false;
        }),
      );
    },
    on: {
      async 'fairlead.user.v1.UserEvent'({ payload }, unit) {
        const account = payload.registered ?? payload.updated;
        if (account !== undefined) await putName(unit.db, payload.userId, account.displayName);
      },
    },
  },
);
