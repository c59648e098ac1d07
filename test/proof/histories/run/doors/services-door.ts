// gRPC, at the services themselves. Whose time is up has a deadline that says so.
import { connect } from '#kit/testing/test-client.ts';
import type { Shop } from '../../shop/shop.ts';
import { type Door, nameOf, password, seen, shippingAddress } from './door.ts';
import { sayToService } from './services-room.ts';

/** Opens it. */
export async function servicesDoor(shop: Shop): Promise<Door> {
  const users = await connect('fairlead.user.v1.UserService', shop.address('user'));
  const orders = await connect('fairlead.order.v1.OrderService', shop.address('order'));
  const reading = await connect('fairlead.orderquery.v1.OrderQueryService', shop.address('order-query'));
  const rooms = await connect('fairlead.realtime.v1.RealtimeService', shop.address('realtime'));
  const accounts = users.with({});
  return {
    async register(email, timeoutMs) {
      const request = { email, password, displayName: nameOf(email) };
      const { user, tokens } = await accounts.register(request, { timeout: `${timeoutMs}ms` });
      return { userId: user?.userId ?? '', token: tokens?.accessToken ?? '' };
    },
    async login(email, timeoutMs) {
      const { user, tokens } = await accounts.login({ email, password }, { timeout: `${timeoutMs}ms` });
      return { userId: user?.userId ?? '', token: tokens?.accessToken ?? '' };
    },
    counter(token) {
      const headers = { authorization: `Bearer ${token}` };
      const [writing, looking, talking] = [orders.with(headers), reading.with(headers), rooms.with(headers)];
      return {
        async createOrder(wish, timeoutMs) {
          const request = { ...wish, userId: 'me', shippingAddress };
          return seen((await writing.createOrder(request, { timeout: `${timeoutMs}ms` })).order);
        },
        async cancelOrder(orderId, timeoutMs) {
          const request = { orderId, reason: 'changed my mind' };
          return seen((await writing.cancelOrder(request, { timeout: `${timeoutMs}ms` })).order);
        },
        async getOrder(orderId, timeoutMs) {
          return seen((await looking.getOrder({ orderId }, { timeout: `${timeoutMs}ms` })).order);
        },
        say: (orderId, text, timeoutMs) => sayToService(talking, orderId, text, timeoutMs),
      };
    },
    async close() {
      await Promise.all([users, orders, reading, rooms].map((connection) => connection.close()));
    },
  };
}
