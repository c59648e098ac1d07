// Kysely table interface of the realtime database, see migrations/.
// A presence row is one open conversation in one room; a replica that died leaves rows that time out.
export interface RealtimeTables {
  rooms: RoomRow;
  messages: MessageRow;
  presences: PresenceRow;
  people: PersonRow;
}

export interface RoomRow {
  room_id: string;
  last_sequence: number;
}

export interface MessageRow {
  message_id: string;
  room_id: string;
  sequence: number;
  author_id: string;
  author_name: string;
  author_support: boolean;
  text: string;
  created_at: Date;
}

export interface PresenceRow {
  room_id: string;
  conversation_id: string;
  user_id: string;
  display_name: string;
  support: boolean;
  seen_at: Date;
}

export interface PersonRow {
  user_id: string;
  display_name: string;
}
