// The gateway: what the platform shows to the outside. Paths of single methods follow from the contracts; here stand the
// views that put several services together, the WebSocket, and how an API key becomes a user.

import { implement } from '#kit';
import { openHttpEdge } from '#kit/http/open-http-edge.ts';
import manifest from './manifest.ts';
import { dashboard } from './views/dashboard.ts';
import { mobileCheckout } from './views/mobile-checkout.ts';
import { mobileHome } from './views/mobile-home.ts';

const anyone = { audience: 'PARTNER', anonymous: true, roles: [] } as const;
const admins = { audience: 'PUBLIC', anonymous: false, roles: ['admin'] } as const;

export default implement(
  manifest,
  {},
  {
    edge: (edge) => {
      const { config } = edge.application;
      return openHttpEdge(edge, {
        listen: config.GATEWAY_LISTEN,
        title: 'Fairlead',
        views: [dashboard, mobileHome, mobileCheckout],
        webSockets: [{ path: '/api/v2/realtime', service: 'realtime', rpc: 'Chat' }],
        exchangeApiKey: async (apiKey, clients) => {
          const { accessToken, user } = await clients.user.exchangeApiKey({ apiKey });
          return { accessToken, expiresAt: user?.expireTime ?? new Date(0) };
        },
        quotas: {
          principal: { requests: config.GATEWAY_PRINCIPAL_REQUESTS, window: '1m' },
          address: { requests: config.GATEWAY_ADDRESS_REQUESTS, window: '1m' },
        },
        trustedProxies: config.GATEWAY_TRUSTED_PROXIES,
        operations: { prefix: '/api/v2', access: config.GATEWAY_OPERATIONS === 'admin' ? admins : anyone },
      });
    },
  },
);
