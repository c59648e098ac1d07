// Queries on who is where. Every replica sees to the rows of its own conversations, and removes those that nobody sees to.
import { type Kysely, sql } from 'kysely';
import type { Participant } from '#proto/fairlead/realtime/v1/realtime_service.ts';
import type { RealtimeTables } from '../tables.ts';

type Db = Kysely<RealtimeTables>;

/** One conversation's place in a room. */
export interface Seat {
  readonly conversationId: string;
  readonly roomId: string;
}

export async function enter(db: Db, seat: Seat, replicaId: string, person: Participant): Promise<void> {
  await db
    .insertInto('presences')
    .values({
      conversation_id: seat.conversationId,
      room_id: seat.roomId,
      replica_id: replicaId,
      user_id: person.userId,
      display_name: person.displayName,
      support: person.support,
    })
    .execute();
}

export async function leave(db: Db, { conversationId, roomId }: Seat): Promise<void> {
  await db
    .deleteFrom('presences')
    .where('conversation_id', '=', conversationId)
    .where('room_id', '=', roomId)
    .execute();
}

/** The open windows of a room, in the order of their coming. */
export async function windowsOf(db: Db, roomId: string): Promise<Participant[]> {
  const rows = await db
    .selectFrom('presences')
    .select(['user_id', 'display_name', 'support'])
    .where('room_id', '=', roomId)
    .orderBy('conversation_id')
    .execute();
  return rows.map((row) => ({ userId: row.user_id, displayName: row.display_name, support: row.support }));
}

/** Says that a replica's conversations are still there, and removes what no replica said that of; gives those rooms. */
export async function keepSeats(db: Db, replicaId: string): Promise<string[]> {
  await db.updateTable('presences').set({ seen_at: sql`now()` }).where('replica_id', '=', replicaId).execute();
  const gone = await db
    .deleteFrom('presences')
    .where('seen_at', '<', sql<Date>`now() - interval '20 seconds'`)
    .returning('room_id')
    .execute();
  return [...new Set(gone.map((row) => row.room_id))];
}
