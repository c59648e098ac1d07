// The first screen of the mobile app: small pages of everything, in one answer, because a phone's round trips are dear.
// The account is read with a field mask: the screen shows a name, so nothing else of the person leaves the platform.
import { jsonOfMessage } from '#kit/http/views/message-of-json.ts';
import { sideBySide } from '#kit/http/views/side-by-side.ts';
import { viewsOf } from '#kit/http/views/view.ts';
import manifest from '../manifest.ts';

export const mobileHome = viewsOf(manifest)({
  method: 'GET',
  path: '/api/v2/mobile/home/{user_id}',
  summary: "The mobile app's first screen",
  access: { audience: 'PARTNER', anonymous: false, roles: [] },
  parts: {
    user: 'fairlead.user.v1.User',
    orders: ['fairlead.order.v1.Order'],
    recommendations: ['fairlead.recommendation.v1.Recommendation'],
    trending: ['fairlead.recommendation.v1.TrendingProduct'],
    notifications: ['fairlead.notification.v1.Notification'],
  },
  answer: ({ parameters, clients, log }) => {
    const { user_id: userId = 'me' } = parameters;
    return sideBySide(
      {
        user: async () => {
          const readMask = { paths: ['user_id', 'display_name', 'locale'] };
          const { user } = await clients.user.getUser({ userId, readMask });
          return jsonOfMessage('fairlead.user.v1.User', user);
        },
        orders: async () => {
          const { orders } = await clients['order-query'].listUserOrders({ userId, pageSize: 3 });
          return orders.map((order) => jsonOfMessage('fairlead.order.v1.Order', order));
        },
        recommendations: async () => {
          const { recommendations } = await clients.recommendation.getRecommendations({ userId, pageSize: 5 });
          return recommendations.map((item) => jsonOfMessage('fairlead.recommendation.v1.Recommendation', item));
        },
        trending: async () => {
          const { products } = await clients.recommendation.getTrending({ pageSize: 5 });
          return products.map((item) => jsonOfMessage('fairlead.recommendation.v1.TrendingProduct', item));
        },
        notifications: async () => {
          const page = await clients.notification.listNotifications({ userId, pageSize: 5, unreadOnly: true });
          return page.notifications.map((item) => jsonOfMessage('fairlead.notification.v1.Notification', item));
        },
      },
      { log, essential: ['user'] },
    );
  },
});
