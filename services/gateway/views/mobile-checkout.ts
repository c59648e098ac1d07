// Checkout on the mobile app: places the order, and brings along what the screen after it shows.
// The order is the answer: when it cannot be placed the request fails, whatever the other parts came to.
import { jsonOfMessage, messageOfJson } from '#kit/http/views/message-of-json.ts';
import { sideBySide } from '#kit/http/views/side-by-side.ts';
import { viewsOf } from '#kit/http/views/view.ts';
import manifest from '../manifest.ts';

export const mobileCheckout = viewsOf(manifest)({
  method: 'POST',
  path: '/api/v2/mobile/checkout',
  summary: 'Places an order and answers with what to show next',
  access: { audience: 'PARTNER', anonymous: false, roles: [] },
  body: 'fairlead.order.v1.CreateOrderRequest',
  parts: {
    order: 'fairlead.order.v1.Order',
    user: 'fairlead.user.v1.User',
    recommendations: ['fairlead.recommendation.v1.Recommendation'],
  },
  answer: async ({ body, clients, log }) => {
    const request = messageOfJson('fairlead.order.v1.CreateOrderRequest', body);
    const productIds = [...new Set(request.items.map(({ productId }) => productId))].slice(0, 50);
    const [order, others] = await Promise.all([
      clients.order.createOrder(request),
      sideBySide(
        {
          user: async () => {
            const { user } = await clients.user.getUser({ readMask: { paths: ['user_id', 'display_name', 'email'] } });
            return jsonOfMessage('fairlead.user.v1.User', user);
          },
          recommendations: async () => {
            const { recommendations } = await clients.recommendation.getRecommendations({ productIds, pageSize: 5 });
            return recommendations.map((item) => jsonOfMessage('fairlead.recommendation.v1.Recommendation', item));
          },
        },
        { log },
      ),
    ]);
    return { order: jsonOfMessage('fairlead.order.v1.Order', order.order), ...others };
  },
});
