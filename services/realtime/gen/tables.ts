// Generated from services/realtime/migrations by `npm run generate`. Do not edit.
import type { Generated, Selectable } from 'kysely';

/** The tables of the realtime service, for Kysely. */
export interface RealtimeTables {
  messages: MessagesTable;
  people: PeopleTable;
  presences: PresencesTable;
  rooms: RoomsTable;
}

export interface MessagesTable {
  roomId: string;
  sequence: number;
  messageId: string;
  authorId: string;
  authorName: string;
  authorSupport: boolean;
  text: string;
  createdAt: Generated<Date>;
}

export type MessagesRow = Selectable<MessagesTable>;

export interface PeopleTable {
  userId: string;
  displayName: string;
}

export type PeopleRow = Selectable<PeopleTable>;

export interface PresencesTable {
  conversationId: string;
  roomId: string;
  replicaId: string;
  userId: string;
  displayName: string;
  support: boolean;
  seenAt: Generated<Date>;
}

export type PresencesRow = Selectable<PresencesTable>;

export interface RoomsTable {
  roomId: string;
  lastSequence: number;
}

export type RoomsRow = Selectable<RoomsTable>;
