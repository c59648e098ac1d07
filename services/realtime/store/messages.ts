// What was said. A room's row is locked while a message takes its number: numbers are those of commits.
import { type Kysely, sql } from 'kysely';
import type { Filled } from '#kit';
import type { ChatMessage, Participant } from '#proto/fairlead/realtime/v1/realtime_service.ts';
import type { MessagesRow, RealtimeTables } from '../gen/tables.ts';

type Db = Kysely<RealtimeTables>;

export function toMessage(row: MessagesRow): Filled<ChatMessage> {
  const author = { userId: row.authorId, displayName: row.authorName, support: row.authorSupport };
  return { ...row, author, createTime: row.createdAt };
}

/** Adds a message with the room's next number. */
export async function addMessage(db: Db, roomId: string, messageId: string, author: Participant, text: string) {
  const { userId, displayName, support } = author;
  await sql`
    with room as (
      insert into rooms as known (room_id, last_sequence) values (${roomId}, 1)
      on conflict (room_id) do update set last_sequence = known.last_sequence + 1 returning last_sequence)
    insert into messages (room_id, sequence, message_id, author_id, author_name, author_support, text)
    select ${roomId}, last_sequence, ${messageId}::uuid, ${userId}::uuid, ${displayName}, ${support}::boolean, ${text}
    from room`.execute(db);
}

const inRoom = (db: Db, roomId: string) => db.selectFrom('messages').selectAll().where('roomId', '=', roomId);

/** Messages after a number, oldest first. */
export function messagesAfter(db: Db, roomId: string, sequence: number, limit: number): Promise<MessagesRow[]> {
  return inRoom(db, roomId).where('sequence', '>', sequence).orderBy('sequence').limit(limit).execute();
}

/** The newest messages, or the newest before a number; oldest first. */
export async function historyOf(db: Db, roomId: string, before: number, size: number) {
  const older = before > 0 ? inRoom(db, roomId).where('sequence', '<', before) : inRoom(db, roomId);
  const newest = older.orderBy('sequence', 'desc').limit(size + 1);
  const rows = await newest.execute();
  return { messages: rows.slice(0, size).map(toMessage).toReversed(), hasMore: rows.length > size };
}
