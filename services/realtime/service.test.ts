// Rooms as those who talk in them meet them, in one replica and across two.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { v7 as uuid } from 'uuid';
import { notFound, type RpcError } from '#kit';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import type { ChatResponse } from '#proto/fairlead/realtime/v1/realtime_service.ts';
import type manifest from './manifest.ts';
import service from './service.ts';
import { Talker } from './testing/talker.ts';

const codes = { notFound: 5, exhausted: 8, precondition: 9 };

describe('rooms of orders', () => {
  const owner = { id: uuid() };
  const agent = { id: uuid(), roles: ['support'] };
  /** Owners by order. */
  const orders = new Map<string, string>();
  const open: Talker[] = [];
  let test: TestService<typeof manifest>;
  before(async () => {
    const getOrder = async ({ orderId }: { readonly orderId: string }) => {
      const userId = orders.get(orderId);
      if (userId === undefined) throw notFound('order', orderId);
      return { order: { orderId, userId } };
    };
    test = await startTestService(service, { env: { CHAT_BACKLOG: '20' }, fakes: { 'order-query': { getOrder } } });
    const payload = { userId: owner.id, sequence: 1, registered: { email: 'ada@example.com', displayName: 'Ada' } };
    await test.events.publish({ type: 'fairlead.user.v1.UserEvent', key: owner.id, payload });
    const names = test.db.selectFrom('people').selectAll();
    while ((await names.execute()).length === 0) await test.application.clock.sleep(10);
  });
  afterEach(() => {
    for (const talker of open.splice(0)) talker.vanish();
  });
  after(() => test.stop());

  function room(userId = owner.id): string {
    const orderId = uuid();
    orders.set(orderId, userId);
    return `orders/${orderId}`;
  }

  async function talk(user: { readonly id?: string; readonly roles?: readonly string[] }): Promise<Talker> {
    const client = await test.as(user);
    const talker = new Talker((requests, options) => client.chat(requests, options));
    open.push(talker);
    return talker;
  }

  const textOf = ({ message }: ChatResponse) => message?.text;

  it('shows who joins an empty room that it is empty, and what one says comes back', async () => {
    const roomId = room();
    const ada = await talk(owner);
    const { history, presence } = await ada.join(roomId.toUpperCase().replace('ORDERS', 'orders'));
    assert.deepEqual([history.roomId, history.actionId], [roomId, 'join']);
    assert.deepEqual(history.history, { messages: [], hasMore: false });
    assert.equal(presence.actionId, 'join');
    assert.deepEqual(presence.presence?.participants, [{ userId: owner.id, displayName: 'Ada', support: false }]);
    assert.equal(presence.presence?.change, 'PRESENCE_CHANGE_UNSPECIFIED');
    ada.act({ actionId: 'say-1', say: { roomId, text: 'Where is it?' } });
    const said = await ada.until('message');
    assert.equal(said.actionId, 'say-1');
    assert.equal(said.message?.sequence, 1);
    assert.deepEqual(said.message.author, { userId: owner.id, displayName: 'Ada', support: false });
  });

  it('lets owner and support talk, and shows each the coming and going of the other', async () => {
    const roomId = room();
    const ada = await talk(owner);
    await ada.join(roomId);
    const support = await talk(agent);
    const { presence } = await support.join(roomId);
    assert.equal(presence.presence?.participants.length, 2);
    const came = await ada.until('presence');
    assert.equal(came.presence?.change, 'PRESENCE_CHANGE_JOINED');
    assert.deepEqual(came.presence.participant, { userId: agent.id, displayName: '', support: true });
    support.act({ say: { roomId, text: 'It is on its way.' } });
    const heard = await ada.until('message');
    assert.deepEqual(
      [heard.actionId, heard.message?.text, heard.message?.author?.support],
      ['', 'It is on its way.', true],
    );
    support.vanish();
    const went = await ada.until('presence');
    assert.equal(went.presence?.change, 'PRESENCE_CHANGE_LEFT');
    assert.deepEqual(
      went.presence.participants.map(({ userId }) => userId),
      [owner.id],
    );
  });

  it('does not exist for others, not even for admins; the conversation goes on', async () => {
    const roomId = room();
    for (const user of [{}, { roles: ['admin'] }]) {
      const stranger = await talk(user);
      stranger.act({ actionId: 'a', join: { roomId } });
      const refused = await stranger.next();
      assert.deepEqual([refused.actionId, refused.roomId, refused.error?.code], ['a', roomId, codes.notFound]);
      stranger.act({ actionId: 'b', join: { roomId: `orders/${uuid()}` } });
      assert.equal((await stranger.next()).error?.code, codes.notFound);
      stranger.act({ actionId: 'c', say: { roomId, text: 'let me in' } });
      assert.equal((await stranger.next()).error?.code, codes.precondition);
    }
    assert.deepEqual(await test.db.selectFrom('messages').selectAll().where('roomId', '=', roomId).execute(), []);
  });

  it('asks for the order as the user who wants to enter', async () => {
    const ada = await talk(owner);
    await ada.join(room());
    const call = test.mocks['order-query'].callsOf('GetOrder').at(-1);
    const payload = call?.metadata('authorization')?.split('.')[1] ?? '';
    assert.equal(JSON.parse(Buffer.from(payload, 'base64url').toString()).sub, owner.id);
  });

  it('needs a person: nobody and API keys are refused', async () => {
    const anonymous = await test.as(null);
    const nobody = new Talker((requests, options) => anonymous.chat(requests, options));
    await assert.rejects(nobody.next(), { code: 'UNAUTHENTICATED' });
    const program = await test.as({ ...owner, credential: 'api_key' });
    const key = new Talker((requests, options) => program.chat(requests, options));
    await assert.rejects(key.next(), { code: 'PERMISSION_DENIED' });
  });

  it('gives the newest messages to those who join, and older ones to those who ask', async () => {
    const roomId = room();
    const ada = await talk(owner);
    await ada.join(roomId);
    for (let n = 1; n <= 5; n++) ada.act({ say: { roomId, text: `${n}` } });
    for (let n = 1; n <= 5; n++) assert.equal(textOf(await ada.until('message')), `${n}`);
    const support = await talk(agent);
    const { history } = await support.join(roomId, 2);
    assert.deepEqual(
      history.history?.messages.map(({ text }) => text),
      ['4', '5'],
    );
    assert.equal(history.history?.hasMore, true);
    support.act({ actionId: 'older', readHistory: { roomId, beforeSequence: 4, pageSize: 3 } });
    const older = await support.until('history');
    assert.equal(older.actionId, 'older');
    assert.deepEqual(older.history, { messages: older.history?.messages, hasMore: false });
    assert.deepEqual(
      older.history?.messages.map(({ sequence }) => sequence),
      [1, 2, 3],
    );
  });

  it('is left without leaving the others, and what is said there is heard no more', async () => {
    const [left, kept] = [room(), room()];
    const ada = await talk(owner);
    await ada.join(left);
    await ada.join(kept);
    ada.act({ actionId: 'go', leave: { roomId: left } });
    assert.equal((await ada.until('left')).actionId, 'go');
    const support = await talk(agent);
    assert.equal((await support.join(left)).presence.presence?.participants.length, 1);
    await support.join(kept);
    support.act({ say: { roomId: left, text: 'anybody?' } });
    support.act({ say: { roomId: kept, text: 'hello' } });
    const heard = await ada.until('message');
    assert.deepEqual([heard.roomId, textOf(heard)], [kept, 'hello']);
    ada.act({ actionId: 'again', leave: { roomId: left } });
    assert.equal((await ada.until('error')).error?.code, codes.precondition);
  });

  it('counts a person with two windows once', async () => {
    const roomId = room();
    const first = await talk(owner);
    await first.join(roomId);
    const second = await talk(owner);
    assert.equal((await second.join(roomId)).presence.presence?.participants.length, 1);
    second.act({ say: { roomId, text: 'from my phone' } });
    assert.equal(textOf(await first.until('message')), 'from my phone');
    await second.end();
    const support = await talk(agent);
    assert.equal((await support.join(roomId)).presence.presence?.participants.length, 2);
  });

  it('numbers messages without a gap, and shows them to all in one order', async () => {
    const roomId = room();
    const talkers = [await talk(owner), await talk(agent)];
    for (const talker of talkers) await talker.join(roomId);
    for (let n = 0; n < 8; n++) for (const talker of talkers) talker.act({ say: { roomId, text: `${n}` } });
    const seen = await Promise.all(
      talkers.map(async (talker) => {
        const ids: string[] = [];
        for (let sequence = 1; sequence <= 16; sequence++) {
          const { message } = await talker.until('message');
          assert.equal(message?.sequence, sequence);
          ids.push(message.messageId);
        }
        return ids;
      }),
    );
    assert.deepEqual(seen[0], seen[1]);
  });

  it('cuts off a caller that does not read, with a clear status, and nobody else', async () => {
    const roomId = room();
    const slow = await talk(owner);
    await slow.join(roomId);
    const support = await talk(agent);
    await support.join(roomId);
    // More than what sockets and windows hold, and more than may wait.
    for (let n = 0; n < 200; n++) {
      support.act({ say: { roomId, text: 'x'.repeat(4_000) } });
      await support.until('message');
    }
    const reading = async (): Promise<void> => {
      for (;;) await slow.next();
    };
    await assert.rejects(reading(), (error: RpcError) => {
      assert.equal(error.code, 'RESOURCE_EXHAUSTED');
      assert.equal(error.details.reason, 'SLOW_READER');
      return true;
    });
    support.act({ actionId: 'still here', say: { roomId, text: 'still here' } });
    assert.equal(textOf(await support.until('message')), 'still here');
  });

  it('ends the call of whoever breaks a rule of the contract', async () => {
    const roomId = room();
    const wrong = [
      {},
      { join: { roomId: 'kitchen' } },
      { say: { roomId, text: '' } },
      { say: { roomId, text: 'x'.repeat(4_001) } },
    ];
    for (const action of wrong) {
      const ada = await talk(owner);
      ada.act(action);
      await assert.rejects(ada.next(), { code: 'INVALID_ARGUMENT' });
    }
  });

  it('bounds how many rooms one conversation is in', async () => {
    const ada = await talk(owner);
    for (let n = 0; n < 32; n++) await ada.join(room());
    ada.act({ actionId: 'one more', join: { roomId: room() } });
    assert.equal((await ada.until('error')).error?.code, codes.exhausted);
  });

  it('is one room across replicas', async () => {
    const roomId = room();
    const replica = await test.replica();
    try {
      const there = await replica.as(agent);
      const support = new Talker((requests, options) => there.chat(requests, options));
      const ada = await talk(owner);
      await ada.join(roomId);
      assert.equal((await support.join(roomId)).presence.presence?.participants.length, 2);
      assert.equal((await ada.until('presence')).presence?.change, 'PRESENCE_CHANGE_JOINED');
      support.act({ say: { roomId, text: 'from over there' } });
      assert.equal(textOf(await ada.until('message')), 'from over there');
      ada.act({ say: { roomId, text: 'from here' } });
      await support.until('message');
      assert.equal(textOf(await support.until('message')), 'from here');
      await support.end();
      assert.equal((await ada.until('presence')).presence?.change, 'PRESENCE_CHANGE_LEFT');
    } finally {
      await replica.stop();
    }
  });

  it('forgets those whose replica died', async () => {
    const roomId = room();
    const ada = await talk(owner);
    await ada.join(roomId);
    const ghost = { roomId: roomId, conversationId: uuid(), replicaId: uuid(), userId: agent.id };
    const long = new Date(test.application.clock.now().getTime() - 60_000);
    await test.db
      .insertInto('presences')
      .values({ ...ghost, displayName: '', support: true, seenAt: long })
      .execute();
    await test.application.transaction((unit) => unit.changed(`room/${roomId}`));
    assert.equal((await ada.until('presence')).presence?.change, 'PRESENCE_CHANGE_JOINED');
    assert.equal((await ada.until('presence')).presence?.change, 'PRESENCE_CHANGE_LEFT');
  });

  it('forgets those who could not be written off when they went', async () => {
    const roomId = room();
    const ada = await talk(owner);
    await ada.join(roomId);
    // A database that is away just then; what a sequence counts survives the transaction that fails.
    await sql`create sequence refusals`.execute(test.db);
    await sql`create function refuse() returns trigger language plpgsql as
      $$ begin perform nextval('refusals'); raise exception 'not now'; end $$`.execute(test.db);
    await sql`create trigger refuse before delete on presences for each row execute function refuse()`.execute(test.db);
    ada.vanish();
    const refused = sql<{ done: boolean }>`select is_called as done from refusals`;
    while (!(await refused.execute(test.db)).rows[0]?.done) await test.application.clock.sleep(10);
    await sql`drop trigger refuse on presences`.execute(test.db);
    await sql`update presences set seen_at = now() - interval '1 minute' where room_id = ${roomId}`.execute(test.db);
    const seats = test.db.selectFrom('presences').selectAll().where('roomId', '=', roomId);
    // Seats are looked after every five seconds.
    const until = performance.now() + 30_000;
    while ((await seats.execute()).length > 0 && performance.now() < until) await test.application.clock.sleep(50);
    assert.deepEqual(await seats.execute(), []);
  });
});
