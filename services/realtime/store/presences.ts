// Who is where. Every replica sees to the seats that are taken there, and removes those that nobody sees to.
import { type Kysely, sql } from 'kysely';
import type { Participant } from '#proto/fairlead/realtime/v1/realtime_service.ts';
import type { PresencesTable, RealtimeTables } from '../gen/tables.ts';

export type Db = Kysely<RealtimeTables>;

/** One conversation's place in a room. */
export type Seat = Pick<PresencesTable, 'conversationId' | 'roomId'>;

export async function enter(db: Db, seat: Seat, replicaId: string, person: Participant): Promise<void> {
  const presence = { ...seat, replicaId, ...person };
  await db.insertInto('presences').values(presence).execute();
}

export async function leave(db: Db, { conversationId, roomId }: Seat): Promise<void> {
  const own = db.deleteFrom('presences').where('conversationId', '=', conversationId);
  await own.where('roomId', '=', roomId).execute();
}

/** The open windows of a room, in the order of their coming. */
export function windowsOf(db: Db, roomId: string): Promise<Participant[]> {
  const windows = db.selectFrom('presences').select(['userId', 'displayName', 'support']);
  return windows.where('roomId', '=', roomId).orderBy('conversationId').execute();
}

/** Says that a replica's seats are still taken, and removes those that no replica said that of; gives their rooms. */
export async function keepSeats(db: Db, { id, seats }: { id: string; seats: Set<Seat> }): Promise<Set<string>> {
  await sql`update presences set seen_at = now() where replica_id = ${id} and (conversation_id, room_id) in
    (select "conversationId", "roomId" from json_to_recordset(${JSON.stringify([...seats], ['conversationId', 'roomId'])}::json)
     as taken("conversationId" uuid, "roomId" text))`.execute(db);
  const lost = db.deleteFrom('presences').where('seenAt', '<', sql<Date>`now() - interval '20 seconds'`);
  return new Set((await lost.returning('roomId').execute()).map(({ roomId }) => roomId));
}
