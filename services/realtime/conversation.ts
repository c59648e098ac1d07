// One caller's conversation: does what the caller asks, one action after the other, and follows the rooms it is in.
// Rooms are followed in the database, where other replicas write too.
import { v7 } from 'uuid';
import { applicationState, type Context, type Init, RpcError } from '#kit';
import { codes } from '#kit/errors/rpc-error.ts';
import type { Conversation, Outlet } from '#kit/streams/converse.ts';
import type { ChatRequest, ChatResponse, JoinRoom, Participant } from '#proto/fairlead/realtime/v1/realtime_service.ts';
import { admit } from './admission.ts';
import { peopleOf, presenceChanges } from './domain/presence-changes.ts';
import type manifest from './manifest.ts';
import { addMessage, messagesAfter, messagesBefore } from './store/messages.ts';
import { enter, leave, windowsOf } from './store/presences.ts';

/** What a conversation knows of a room that it is in. */
interface Membership {
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

/** Names this process among the replicas. */
export const replicaId = applicationState(() => v7());

function refuse(code: 'FAILED_PRECONDITION' | 'RESOURCE_EXHAUSTED', message: string, reason: string): RpcError {
  return new RpcError(code, message, { reason });
}

/** See the head of the file. */
export class RoomConversation implements Conversation<ChatRequest> {
  readonly #context: Context<typeof manifest>;
  readonly #id = v7();
  readonly #rooms = new Map<string, Membership>();
  /** Actions whose message has not come back yet, by message id. */
  readonly #said = new Map<string, string>();
  readonly #outlet: Outlet<Init<ChatResponse>>;
  #over = false;

  constructor(context: Context<typeof manifest>, outlet: Outlet<Init<ChatResponse>>) {
    this.#context = context;
    this.#outlet = outlet;
  }

  async end(): Promise<void> {
    this.#over = true;
    for (const roomId of [...this.#rooms.keys()]) await this.#leave(roomId);
  }

  async act(request: ChatRequest): Promise<void> {
    const { actionId, join, leave, say, readHistory } = request;
    const roomId = (join ?? leave ?? say ?? readHistory)?.roomId.toLowerCase() ?? '';
    try {
      if (join) return await this.#join(actionId, roomId, join);
      const membership = this.#rooms.get(roomId);
      if (membership === undefined) throw refuse('FAILED_PRECONDITION', `join ${roomId} first`, 'NOT_IN_ROOM');
      if (say) await this.#say(roomId, membership, { actionId, text: say.text });
      if (leave) {
        await this.#leave(roomId);
        this.#outlet.send({ actionId, roomId, left: {} });
      }
      if (readHistory) {
        const { beforeSequence, pageSize } = readHistory;
        const page = { beforeSequence, size: pageSize || defaultHistory };
        this.#outlet.send({ actionId, roomId, history: await messagesBefore(this.#context.db, roomId, page) });
      }
    } catch (error) {
      if (!RpcError.is(error) || this.#context.signal.aborted) throw error;
      this.#outlet.send({ actionId, roomId, error: { code: codes[error.code], message: error.message } });
    }
  }

  async #join(actionId: string, roomId: string, { historySize }: JoinRoom): Promise<void> {
    const context = this.#context;
    const self = await admit(context, roomId);
    const known = this.#rooms.get(roomId);
    if (known === undefined) {
      if (this.#rooms.size >= maxRooms) {
        throw refuse('RESOURCE_EXHAUSTED', `leave a room first: ${maxRooms} at a time are enough`, 'TOO_MANY_ROOMS');
      }
      await context.transaction(async (unit) => {
        await enter(unit.db, { conversationId: this.#id, roomId }, replicaId(context), self);
        await unit.changed(topicOf(roomId));
      });
    }
    const membership = known ?? { self, left: false, sequence: 0, people: [] };
    this.#rooms.set(roomId, membership);
    // The caller went away while it was let in.
    if (this.#over) return this.#leave(roomId);
    const history = await messagesBefore(context.db, roomId, {
      beforeSequence: 0,
      size: historySize || defaultHistory,
    });
    membership.sequence = Math.max(membership.sequence, history.messages.at(-1)?.sequence ?? 0);
    membership.people = peopleOf(await windowsOf(context.db, roomId));
    this.#outlet.send({ actionId, roomId, history });
    this.#outlet.send({ actionId, roomId, presence: { participants: membership.people } });
    if (known === undefined) void this.#follow(roomId, membership);
  }

  async #say(roomId: string, { self }: Membership, said: { actionId: string; text: string }): Promise<void> {
    const messageId = v7();
    this.#said.set(messageId, said.actionId);
    await this.#context.transaction(async (unit) => {
      await addMessage(unit.db, roomId, { messageId, author: self, text: said.text });
      await unit.changed(topicOf(roomId));
    });
  }

  /** Passes on what happens in a room, for as long as the caller is in it. */
  async #follow(roomId: string, membership: Membership): Promise<void> {
    const { db } = this.#context;
    try {
      for await (const _ of this.#context.changes(topicOf(roomId))) {
        if (membership.left) return;
        await this.#passOn(roomId, membership);
        const people = peopleOf(await windowsOf(db, roomId));
        const movements = membership.left ? [] : presenceChanges(membership.people, people);
        membership.people = people;
        for (const movement of movements)
          this.#outlet.send({ roomId, presence: { participants: people, ...movement } });
      }
    } catch (error) {
      this.#outlet.fail(error);
    }
  }

  async #passOn(roomId: string, membership: Membership): Promise<void> {
    for (;;) {
      const messages = await messagesAfter(this.#context.db, roomId, membership.sequence);
      if (messages.length === 0) return;
      for (const message of messages) {
        if (membership.left) return;
        // A second join may have read on meanwhile.
        if (message.sequence <= membership.sequence) continue;
        const actionId = this.#said.get(message.messageId) ?? '';
        this.#said.delete(message.messageId);
        this.#outlet.send({ actionId, roomId, message });
        membership.sequence = message.sequence;
      }
    }
  }

  async #leave(roomId: string): Promise<void> {
    const membership = this.#rooms.get(roomId);
    if (membership !== undefined) membership.left = true;
    this.#rooms.delete(roomId);
    await this.#context.transaction(async (unit) => {
      await leave(unit.db, { conversationId: this.#id, roomId });
      await unit.changed(topicOf(roomId));
    });
  }
}
