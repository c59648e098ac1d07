// HTTP and JSON, at the gateway. Whose time is up hangs up.
import { RpcError } from '#kit';
import { type Code, codes } from '#kit/errors/rpc-error.ts';
import { ApiClient, type RequestOptions } from '../../../../story/api-client.ts';
import type { Shop } from '../../shop/shop.ts';
import { type Door, type Login, nameOf, password, type Seen, type ShownOrder, seen, shippingAddress } from './door.ts';
import { sayToGateway } from './gateway-room.ts';

/** Opens it. */
export function gatewayDoor(shop: Shop): Door {
  const api = new ApiClient(shop.gateway);
  const session = async (path: string, body: object, timeoutMs: number): Promise<Login> => {
    const reply = await ask<{ user: { userId: string }; tokens: { accessToken: string } }>(api, 'POST', path, {
      body,
      timeoutMs,
    });
    return { userId: reply.user.userId, token: reply.tokens.accessToken };
  };
  return {
    register: (email, timeoutMs) =>
      session('/api/v2/users:register', { email, password, displayName: nameOf(email) }, timeoutMs),
    login: (email, timeoutMs) => session('/api/v2/users:login', { email, password }, timeoutMs),
    counter(token) {
      const own = api.as(token);
      const order = async (method: string, path: string, options: RequestOptions): Promise<Seen> =>
        seen((await ask<{ order: ShownOrder }>(own, method, path, options)).order);
      return {
        createOrder: (wish, timeoutMs) =>
          order('POST', '/api/v2/orders', { body: { ...wish, shippingAddress }, timeoutMs }),
        cancelOrder: (orderId, timeoutMs) =>
          order('POST', `/api/v2/orders/${orderId}:cancel`, { body: { reason: 'changed my mind' }, timeoutMs }),
        getOrder: (orderId, timeoutMs) => order('GET', `/api/v2/orders/${orderId}`, { timeoutMs }),
        say: (orderId, text, timeoutMs) => sayToGateway(shop.gateway, token, orderId, text, timeoutMs),
      };
    },
    close: async () => {},
  };
}

interface ErrorJson {
  readonly error?: {
    readonly status: string;
    readonly message: string;
    readonly details: readonly { readonly reason?: string }[];
  };
}

async function ask<T>(api: ApiClient, method: string, path: string, options: RequestOptions): Promise<T> {
  const { status, body } = await api.send<T & ErrorJson>(method, path, options);
  if (status === 200) return body;
  const { error } = body;
  if (error === undefined || !(error.status in codes)) throw new Error(`${method} ${path}: ${status}`);
  const reason = error.details.find((detail) => detail.reason !== undefined)?.reason;
  throw new RpcError(error.status as Code, error.message, { ...(reason !== undefined && { reason }) });
}
