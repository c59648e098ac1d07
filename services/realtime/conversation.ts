// One caller's conversation: does what the caller asks, one action after the other, and follows the rooms it is in.
// Rooms are followed in the database, where other replicas write too.
import { v7 } from 'uuid';
import { applicationState, type Context, failedPrecondition, type Init, RpcError, rowsAfter } from '#kit';
import { changeAndTell } from '#kit/changes/change-and-tell.ts';
import { codes } from '#kit/errors/rpc-error.ts';
import type { Conversation, Outlet } from '#kit/streams/converse.ts';
import type { ChatRequest, ChatResponse, Participant } from '#proto/fairlead/realtime/v1/realtime_service.ts';
import { admit } from './admission.ts';
import { peopleOf, presenceChanges } from './domain/presence-changes.ts';
import type manifest from './manifest.ts';
import { addMessage, historyOf, messagesAfter, toMessage } from './store/messages.ts';
import { type Db, enter, leave, type Seat, windowsOf } from './store/presences.ts';

/** What a conversation knows of a room that it is in. */
interface Membership extends Seat {
  readonly self: Participant;
  left: boolean;
  /** Number of the last message that was passed on. */
  sequence: number;
  people: readonly Participant[];
}

const maxRooms = 32;
const defaultHistory = 50;

/** Wakes those who follow a room. */
export const topicOf = (roomId: string): string => `room/${roomId}`;

/** This process among the replicas: its name, and the seats that are taken in it. */
export const replica = applicationState(() => ({ id: v7(), seats: new Set<Seat>() }));

/** The room that an action is about. */
function roomOf({ join, leave, say, readHistory }: ChatRequest): string {
  return (join ?? leave ?? say ?? readHistory)?.roomId.toLowerCase() ?? '';
}

/** See the head of the file. */
export function roomConversation(
  context: Context<typeof manifest>,
  outlet: Outlet<Init<ChatResponse>>,
): Conversation<ChatRequest> {
  const { db } = context;
  const conversationId = v7();
  const rooms = new Map<string, Membership>();
  /** Actions whose message has not come back yet, by message id. */
  const said = new Map<string, string>();
  let over = false;

  /** Changes something in a room, and wakes those who follow it. */
  const change = (roomId: string, work: (db: Db) => Promise<void>) => changeAndTell(context, topicOf(roomId), work);

  async function leaveRoom(roomId: string): Promise<void> {
    const membership = rooms.get(roomId);
    if (membership === undefined) return;
    membership.left = true;
    rooms.delete(roomId);
    // Given up first: where the database is away, nobody says of the seat that it is still taken.
    replica(context).seats.delete(membership);
    await change(roomId, (db) => leave(db, membership));
  }

  async function enterRoom(roomId: string, self: Participant): Promise<Membership> {
    if (rooms.size >= maxRooms) {
      const message = `leave a room first: ${maxRooms} at a time are enough`;
      throw new RpcError('RESOURCE_EXHAUSTED', message, { reason: 'TOO_MANY_ROOMS' });
    }
    const { id, seats } = replica(context);
    const membership = { conversationId, roomId, self, left: false, sequence: 0, people: [] };
    await change(roomId, (db) => enter(db, { conversationId, roomId }, id, self));
    seats.add(membership);
    return membership;
  }

  async function join(actionId: string, roomId: string, historySize: number): Promise<void> {
    const self = await admit(context, roomId);
    const known = rooms.get(roomId);
    const membership = known ?? (await enterRoom(roomId, self));
    rooms.set(roomId, membership);
    // The caller went away while it was let in.
    if (over) return leaveRoom(roomId);
    const history = await historyOf(db, roomId, 0, historySize || defaultHistory);
    membership.sequence = Math.max(membership.sequence, history.messages.at(-1)?.sequence ?? 0);
    membership.people = peopleOf(await windowsOf(db, roomId));
    outlet.send({ actionId, roomId, history });
    outlet.send({ actionId, roomId, presence: { participants: membership.people } });
    if (known === undefined) follow(roomId, membership).catch((error: unknown) => outlet.fail(error));
  }

  /** Passes on what happens in a room, for as long as the caller is in it. */
  async function follow(roomId: string, membership: Membership): Promise<void> {
    const read = (after: number, limit: number) => messagesAfter(db, roomId, after, limit);
    for await (const _ of context.changes(topicOf(roomId))) {
      for await (const row of rowsAfter(membership.sequence, read)) {
        if (membership.left) return;
        // A second join may have read on meanwhile.
        if (row.sequence <= membership.sequence) continue;
        outlet.send({ actionId: said.get(row.messageId) ?? '', roomId, message: toMessage(row) });
        said.delete(row.messageId);
        membership.sequence = row.sequence;
      }
      const participants = peopleOf(await windowsOf(db, roomId));
      if (membership.left) return;
      const movements = presenceChanges(membership.people, participants);
      membership.people = participants;
      for (const movement of movements) outlet.send({ roomId, presence: { participants, ...movement } });
    }
  }

  return {
    async act(request) {
      const { actionId, say, readHistory } = request;
      const roomId = roomOf(request);
      if (request.join) return join(actionId, roomId, request.join.historySize);
      const membership = rooms.get(roomId);
      if (membership === undefined) throw failedPrecondition('NOT_IN_ROOM', roomId, `join ${roomId} first`);
      if (say) {
        const messageId = v7();
        said.set(messageId, actionId);
        await change(roomId, (db) => addMessage(db, roomId, messageId, membership.self, say.text));
      } else if (readHistory) {
        const { beforeSequence, pageSize } = readHistory;
        const history = await historyOf(db, roomId, beforeSequence, pageSize || defaultHistory);
        outlet.send({ actionId, roomId, history });
      } else {
        await leaveRoom(roomId);
        outlet.send({ actionId, roomId, left: {} });
      }
    },
    refused(request, { code, message }) {
      outlet.send({ actionId: request.actionId, roomId: roomOf(request), error: { code: codes[code], message } });
    },
    async end() {
      over = true;
      await Promise.all([...rooms.keys()].map(leaveRoom));
    },
  };
}
