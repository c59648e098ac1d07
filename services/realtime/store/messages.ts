// Queries on what was said. A room's row is locked while a message takes its number: numbers are those of commits.
import type { Kysely, Transaction } from 'kysely';
import type { ChatMessage, Participant } from '#proto/fairlead/realtime/v1/realtime_service.ts';
import type { MessageRow, RealtimeTables } from '../tables.ts';

function toMessage(row: MessageRow): ChatMessage {
  return {
    messageId: row.message_id,
    sequence: row.sequence,
    author: { userId: row.author_id, displayName: row.author_name, support: row.author_support },
    text: row.text,
    createTime: row.created_at,
  };
}

/** Adds a message with the room's next number. */
export async function addMessage(
  db: Transaction<RealtimeTables>,
  roomId: string,
  message: { readonly messageId: string; readonly author: Participant; readonly text: string },
): Promise<void> {
  const { last_sequence: sequence } = await db
    .insertInto('rooms')
    .values({ room_id: roomId, last_sequence: 1 })
    .onConflict((conflict) =>
      conflict
        .column('room_id')
        .doUpdateSet(({ eb, ref }) => ({ last_sequence: eb(ref('rooms.last_sequence'), '+', 1) })),
    )
    .returning('last_sequence')
    .executeTakeFirstOrThrow();
  const { messageId: message_id, author, text } = message;
  await db
    .insertInto('messages')
    .values({
      room_id: roomId,
      sequence,
      message_id,
      author_id: author.userId,
      author_name: author.displayName,
      author_support: author.support,
      text,
    })
    .execute();
}

/** At most 100 messages after a number, oldest first. */
export async function messagesAfter(
  db: Kysely<RealtimeTables>,
  roomId: string,
  sequence: number,
): Promise<ChatMessage[]> {
  const rows = await db
    .selectFrom('messages')
    .selectAll()
    .where('room_id', '=', roomId)
    .where('sequence', '>', sequence)
    .orderBy('sequence')
    .limit(100)
    .execute();
  return rows.map(toMessage);
}

/** The newest messages, or the newest before a number; oldest first. */
export async function messagesBefore(
  db: Kysely<RealtimeTables>,
  roomId: string,
  page: { readonly beforeSequence: number; readonly size: number },
): Promise<{ readonly messages: ChatMessage[]; readonly hasMore: boolean }> {
  let query = db.selectFrom('messages').selectAll().where('room_id', '=', roomId);
  if (page.beforeSequence > 0) query = query.where('sequence', '<', page.beforeSequence);
  const rows = await query
    .orderBy('sequence', 'desc')
    .limit(page.size + 1)
    .execute();
  return { messages: rows.slice(0, page.size).map(toMessage).toReversed(), hasMore: rows.length > page.size };
}
