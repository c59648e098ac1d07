// The notification service as others meet it: told of by events and by calls, listed, streamed, and carried out of the house.
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { v7 as uuid } from 'uuid';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import type { Channel, DeliveryState, Notification } from '#proto/fairlead/notification/v1/notification.ts';
import type manifest from './manifest.ts';
import service from './service.ts';
import { notifications } from './store/notifications.ts';

type Test = TestService<typeof manifest>;

const message = (userId: string, title = 'Hello') =>
  ({ requestId: uuid(), userId, kind: 'NOTIFICATION_KIND_MESSAGE', title, body: 'text' }) as const;
const eur = { currencyCode: 'EUR', units: 1_999 };

async function register(test: Test, userId: string, email: string): Promise<void> {
  const payload = { userId, sequence: 1, registered: { email, displayName: 'Ada, "the first"' } };
  await test.events.publish({ type: 'fairlead.user.v1.UserEvent', key: userId, payload });
}

/** Waits until a delivery has come into a state. */
async function settled(test: Test, id: string, channel: Channel, state: DeliveryState): Promise<void> {
  for (;;) {
    const { deliveries } = await notifications.get(test.application.db, id);
    if (deliveries[channel]?.state === state) return;
    await test.application.clock.sleep(20);
  }
}

describe('notification', () => {
  const me = uuid();
  let folder: string;
  let test: Test;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fairlead-mail-'));
    test = await startTestService(service, { user: { id: me }, env: { MAIL_FOLDER: join(folder, 'out') } });
    await register(test, me, 'ada@example.com');
  });
  after(async () => {
    await test.stop();
    await rm(folder, { recursive: true });
  });

  /** The user's notifications, once there are so many. */
  async function listed(user: string, count: number): Promise<Notification[]> {
    const client = await test.as({ id: user });
    for await (const _ of test.application.changes(`user/${user}`)) {
      const { notifications } = await client.listNotifications({});
      if (notifications.length >= count) return notifications;
    }
    return [];
  }

  /** Reads the user's next notifications, however they come. */
  const follow = (user = me, after = '') => {
    const signal = AbortSignal.timeout(15_000);
    return test
      .as({ id: user })
      .then((client) => client.streamNotifications({ afterNotificationId: after }, { signal })[Symbol.asyncIterator]());
  };

  it('welcomes a new user by email, written into the folder', async () => {
    const user = uuid();
    await register(test, user, 'grace@example.com');
    const notifications = await listed(user, 1);
    const [welcome] = notifications;
    assert.equal(welcome?.kind, 'NOTIFICATION_KIND_WELCOME');
    await settled(test, welcome.notificationId, 'CHANNEL_EMAIL', 'DELIVERY_STATE_SENT');
    assert.ok((await readdir(join(folder, 'out'))).includes(`${welcome.notificationId}.eml`));
    const mail = await readFile(join(folder, 'out', `${welcome.notificationId}.eml`), 'utf8');
    assert.match(mail, /^To: .*<grace@example\.com>$/m);
    assert.match(mail, /^Subject: Welcome to Fairlead$/m);
    assert.match(mail, new RegExp(`^Message-ID: <${welcome.notificationId}@`, 'm'));
  });

  it('tells of orders and payments, once an event however often it comes', async () => {
    const user = uuid();
    const orderId = uuid();
    const order = {
      id: uuid(),
      type: 'fairlead.order.v1.OrderEvent',
      key: orderId,
      payload: { orderId, userId: user, sequence: 4, total: eur, shipmentScheduled: { trackingNumber: 'FL1' } },
    } as const;
    const payment = {
      type: 'fairlead.payment.v1.PaymentEvent',
      key: orderId,
      payload: { orderId, userId: user, paymentId: uuid(), sequence: 1, charged: { amount: eur } },
    } as const;
    await test.events.publish(order);
    await test.events.publish(order);
    await listed(user, 1);
    await test.events.publish(payment);
    const notifications = await listed(user, 2);
    assert.deepEqual(
      notifications.map(({ kind, orderId: about }) => [kind, about]),
      [
        ['NOTIFICATION_KIND_PAYMENT_CHARGED', orderId],
        ['NOTIFICATION_KIND_ORDER_CONFIRMED', orderId],
      ],
    );
  });

  it('sends once for equal requests of one id, and refuses another under it', async () => {
    const request = message(me);
    const answers = await Promise.all(Array.from({ length: 5 }, () => test.client.send(request)));
    assert.equal(new Set(answers.map(({ notification }) => notification?.notificationId)).size, 1);
    await assert.rejects(test.client.send({ ...request, title: 'Other' }), { code: 'ALREADY_EXISTS' });
  });

  it('refuses a title that would add a header to an email, an unknown kind, and a bad user', async () => {
    const refused = { code: 'INVALID_ARGUMENT' };
    await assert.rejects(test.client.send(message(me, 'Hi\r\nBcc: all@example.com')), refused);
    await assert.rejects(test.client.send({ ...message(me), kind: 'NOTIFICATION_KIND_UNSPECIFIED' }), refused);
    await assert.rejects(test.client.send(message('me')), refused);
  });

  it('lists newest first, a page at a time, counts the unread ones and marks them', async () => {
    const user = uuid();
    const client = await test.as({ id: user });
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const { notification } = await test.client.send(message(user, `Number ${n}`));
      ids.unshift(notification?.notificationId ?? '');
    }
    const seen: string[] = [];
    let pageToken = '';
    do {
      const page = await client.listNotifications({ pageSize: 2, pageToken });
      assert.deepEqual([page.totalSize, page.unreadSize], [5, 5]);
      seen.push(...page.notifications.map(({ notificationId }) => notificationId));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    assert.deepEqual(seen, ids);
    const read = { notificationIds: [...ids.slice(0, 2), uuid()] };
    assert.deepEqual(await client.markRead(read), { markedCount: 2, unreadSize: 3 });
    assert.deepEqual(await client.markRead(read), { markedCount: 0, unreadSize: 3 });
    const unread = await client.listNotifications({ unreadOnly: true });
    assert.deepEqual([unread.totalSize, unread.notifications.length], [3, 3]);
    assert.deepEqual(await test.client.markRead({ notificationIds: ids }), {
      markedCount: 0,
      unreadSize: (await test.client.listNotifications({})).unreadSize,
    });
    const { nextPageToken } = await client.listNotifications({ pageSize: 2 });
    const others = client.listNotifications({ pageSize: 2, pageToken: nextPageToken, unreadOnly: true });
    await assert.rejects(others, { code: 'INVALID_ARGUMENT' });
  });

  it('streams what comes, and goes on after the one that was seen last', async () => {
    const user = uuid();
    const { notification: old } = await test.client.send(message(user, 'before'));
    const stream = await follow(user);
    // Sent until it is heard: the stream begins when the service has it, not when it is asked for.
    const next = stream.next();
    const { notification: missed } = await test.client.send(message(user, 'missed'));
    const again = await follow(user, old?.notificationId);
    assert.equal((await again.next()).value?.notification?.notificationId, missed?.notificationId);
    await test.client.send(message(user, 'live'));
    assert.equal((await again.next()).value?.notification?.title, 'live');
    assert.notEqual((await next).value?.notification?.title, 'before');
    const unknown = await follow(user, uuid());
    await assert.rejects(unknown.next(), { code: 'NOT_FOUND' });
  });

  it('shows nobody what others are told, not even staff', async () => {
    for (const roles of [['customer'], ['support'], ['admin']]) {
      const other = await test.as({ roles });
      await assert.rejects(other.listNotifications({ userId: me }), { code: 'NOT_FOUND' });
      await assert.rejects(other.getPreferences({ userId: me }), { code: 'NOT_FOUND' });
      await assert.rejects(Array.fromAsync(other.streamNotifications({ userId: me })), { code: 'NOT_FOUND' });
    }
    const program = await test.as({ id: me, credential: 'api_key' });
    await program.listNotifications({});
    await assert.rejects(program.getPreferences({}), { code: 'PERMISSION_DENIED' });
  });

  it('leaves out channels and kinds that the user does not want', async () => {
    const user = uuid();
    const client = await test.as({ id: user });
    const { preferences: before } = await client.getPreferences({ userId: 'me' });
    assert.deepEqual(before?.channels, ['CHANNEL_EMAIL', 'CHANNEL_IN_APP']);
    const onlyLog = { preferences: { channels: ['CHANNEL_LOG' as const] }, updateMask: { paths: ['channels'] } };
    assert.deepEqual((await client.updatePreferences(onlyLog)).preferences?.channels, ['CHANNEL_LOG']);
    const { notification } = await test.client.send(message(user));
    const states = Object.fromEntries((notification?.deliveries ?? []).map(({ channel, state }) => [channel, state]));
    assert.equal(states.CHANNEL_EMAIL, 'DELIVERY_STATE_SKIPPED');
    assert.equal(states.CHANNEL_IN_APP, 'DELIVERY_STATE_SKIPPED');
    assert.equal((await client.listNotifications({})).totalSize, 0);
    const { notificationId = '' } = notification ?? {};
    await settled(test, notificationId, 'CHANNEL_LOG', 'DELIVERY_STATE_SENT');
    assert.ok(test.logs.some((line) => line.message === 'notification' && line.notificationId === notificationId));
    const muted = { preferences: { mutedKinds: ['NOTIFICATION_KIND_MESSAGE' as const] } };
    assert.deepEqual((await client.updatePreferences(muted)).preferences?.channels, ['CHANNEL_LOG']);
    const { notification: silent } = await test.client.send(message(user));
    assert.ok(silent?.deliveries.every(({ state }) => state === 'DELIVERY_STATE_SKIPPED'));
    const wrong = client.updatePreferences({ preferences: {}, updateMask: { paths: ['user_id'] } });
    await assert.rejects(wrong, { code: 'INVALID_ARGUMENT' });
  });

  it('waits with an email until the address book knows the user', async () => {
    const user = uuid();
    const { notification } = await test.client.send(message(user));
    const { notificationId = '' } = notification ?? {};
    while (!JSON.stringify(test.logs).includes(`does not know user ${user}`)) await test.application.clock.sleep(10);
    await settled(test, notificationId, 'CHANNEL_EMAIL', 'DELIVERY_STATE_PENDING');
    await register(test, user, 'late@example.com');
    await settled(test, notificationId, 'CHANNEL_EMAIL', 'DELIVERY_STATE_SENT');
  });
});

/** A mail server that says yes to everything, after it has said `refusals` times that it is busy. */
async function startMailServer(refusals: number): Promise<{ server: Server; port: number; mails: string[] }> {
  const mails: string[] = [];
  let refused = 0;
  const server = createServer((socket: Socket) => {
    const say = (line: string): boolean => socket.write(`${line}\r\n`);
    let text: string[] | undefined;
    say('220 mail.example.com');
    socket.on('error', () => {});
    createInterface(socket).on('line', (line) => {
      if (text !== undefined) {
        if (line !== '.') return void text.push(line);
        mails.push(text.join('\n'));
        text = undefined;
        return void say('250 taken');
      }
      if (line === 'DATA') {
        text = [];
        return void say('354 go on');
      }
      if (line === 'QUIT') return void socket.end('221 bye\r\n');
      if (line.startsWith('MAIL') && refused++ < refusals) return void say('451 busy, come back later');
      say('250 yes');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port, mails };
}

describe('notification with a mail server', () => {
  it('sends emails there, again after a refusal, and no email twice', async () => {
    const { server, port, mails } = await startMailServer(1);
    const user = uuid();
    const test = await startTestService(service, {
      env: { SMTP_URL: `smtp://ada:secret-of-ada@127.0.0.1:${port}?ignoreTLS=true` },
    });
    try {
      await register(test, user, 'grace@example.com');
      const { notification } = await test.client.send(message(user));
      await settled(test, notification?.notificationId ?? '', 'CHANNEL_EMAIL', 'DELIVERY_STATE_SENT');
      const mine = mails.filter((mail) => mail.includes(`<${notification?.notificationId}@`));
      assert.equal(mine.length, 1);
      assert.match(mine[0] ?? '', /^Subject: Hello$/m);
      assert.doesNotMatch(JSON.stringify(test.logs), /secret-of-ada/);
    } finally {
      await test.stop();
      server.close();
    }
  });
});
