// Kysely table interface of the realtime database, see migrations/.
// A presence row is one open conversation in one room; a replica that died leaves rows that time out.
import type { Generated, Selectable } from 'kysely';

export interface RealtimeTables {
  rooms: RoomsTable;
  messages: MessagesTable;
  presences: PresencesTable;
  people: PeopleTable;
}

export interface RoomsTable {
  room_id: string;
  last_sequence: number;
}

export interface MessagesTable {
  room_id: string;
  sequence: number;
  message_id: string;
  author_id: string;
  author_name: string;
  author_support: boolean;
  text: string;
  created_at: Generated<Date>;
}

export type MessageRow = Selectable<MessagesTable>;

export interface PresencesTable {
  conversation_id: string;
  room_id: string;
  replica_id: string;
  user_id: string;
  display_name: string;
  support: boolean;
  seen_at: Generated<Date>;
}

export interface PeopleTable {
  user_id: string;
  display_name: string;
}
