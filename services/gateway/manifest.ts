// The gateway as data: the HTTP edge, and every method that the outside may reach through it.
// A method that is not named here has no path, whatever its contract says.
import { calls, defineService, variable } from '#kit/manifest.ts';

export default defineService({
  name: 'gateway',
  description:
    'The HTTP edge of the platform: HTTP/JSON, server-sent events and WebSockets to the outside, gRPC inside.',
  httpPort: 8080,
  calls: {
    user: calls('fairlead.user.v1.UserService', [
      'Register',
      'Login',
      'RefreshToken',
      'ExchangeApiKey',
      'GetJsonWebKeySet',
      'GetUser',
      'UpdateUser',
      'CreateApiKey',
      'ListApiKeys',
      'RevokeApiKey',
    ]),
    catalog: calls('fairlead.catalog.v1.CatalogService', ['GetProduct', 'ListProducts', 'StreamProducts']),
    order: calls('fairlead.order.v1.OrderService', ['CreateOrder', 'CancelOrder']),
    'order-query': calls('fairlead.orderquery.v1.OrderQueryService', ['GetOrder', 'ListUserOrders', 'WatchOrder']),
    recommendation: calls('fairlead.recommendation.v1.RecommendationService', ['GetRecommendations', 'GetTrending']),
    notification: calls('fairlead.notification.v1.NotificationService', [
      'ListNotifications',
      'MarkRead',
      'StreamNotifications',
      'GetPreferences',
      'UpdatePreferences',
    ]),
    realtime: calls('fairlead.realtime.v1.RealtimeService', ['Chat']),
  },
  config: {
    GATEWAY_LISTEN: variable.string({
      description: 'Where HTTP is served to the outside: host:port, or unix:/path behind a proxy on the same machine.',
      example: '127.0.0.1:8080',
      default: '0.0.0.0:8080',
    }),
    GATEWAY_TRUSTED_PROXIES: variable.integer({
      description:
        'Proxies in front of the gateway whose X-Forwarded-For is believed; 0 where clients connect themselves.',
      example: '1',
      default: 0,
      min: 0,
      max: 8,
    }),
    GATEWAY_PRINCIPAL_REQUESTS: variable.integer({
      description: 'Requests that one user, or one address without a login, may send in a minute; 0 for no limit.',
      example: '600',
      default: 1200,
      min: 0,
    }),
    GATEWAY_ADDRESS_REQUESTS: variable.integer({
      description: 'Requests that may come from one address in a minute, whoever sends them; 0 for no limit.',
      example: '6000',
      default: 6000,
      min: 0,
    }),
    GATEWAY_OPERATIONS: variable.choice(['anyone', 'admin'], {
      description: 'Who may see health, registry and statistics of the services.',
      example: 'admin',
      default: 'anyone',
    }),
  },
});
