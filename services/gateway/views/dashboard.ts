// What a customer sees after logging in on the web: the account, the latest orders, what else might please.
// The account decides who may look: another user's dashboard does not exist.
import { jsonOfMessage } from '#kit/http/views/message-of-json.ts';
import { sideBySide } from '#kit/http/views/side-by-side.ts';
import { viewsOf } from '#kit/http/views/view.ts';
import manifest from '../manifest.ts';

export const dashboard = viewsOf(manifest)({
  method: 'GET',
  path: '/api/v2/users/{user_id}/dashboard',
  summary: 'A user with the latest orders and recommendations',
  access: { audience: 'PARTNER', anonymous: false, roles: [] },
  parts: {
    user: 'fairlead.user.v1.User',
    orders: ['fairlead.order.v1.Order'],
    recommendations: ['fairlead.recommendation.v1.Recommendation'],
  },
  answer: ({ parameters, clients, log }) => {
    const { user_id: userId = 'me' } = parameters;
    return sideBySide(
      {
        user: async () => {
          const { user } = await clients.user.getUser({ userId });
          return jsonOfMessage('fairlead.user.v1.User', user);
        },
        orders: async () => {
          const { orders } = await clients['order-query'].listUserOrders({ userId, pageSize: 10 });
          return orders.map((order) => jsonOfMessage('fairlead.order.v1.Order', order));
        },
        recommendations: async () => {
          const { recommendations } = await clients.recommendation.getRecommendations({ userId, pageSize: 10 });
          return recommendations.map((item) => jsonOfMessage('fairlead.recommendation.v1.Recommendation', item));
        },
      },
      { log, essential: ['user'] },
    );
  },
});
