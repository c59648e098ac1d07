// The notification service as data: it is told of orders, payments and accounts by events, and tells users.
// Its address book comes from user events, so that sending an email needs no call to the user service.
import { mailVariables } from '#kit/mail/mail-variables.ts';
import { database, defineService } from '#kit/manifest.ts';
import type { NotificationTables } from './gen/tables.ts';

export default defineService({
  name: 'notification',
  contract: 'fairlead.notification.v1.NotificationService',
  description: 'Tells users what happens to their orders and payments, by the channels that they want.',
  database: database<NotificationTables>(),
  consumes: ['fairlead.order.v1.OrderEvent', 'fairlead.payment.v1.PaymentEvent', 'fairlead.user.v1.UserEvent'],
  config: mailVariables,
});
