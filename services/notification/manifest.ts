// The notification service as data: it is told of orders, payments and accounts by events, and tells users.
// Its address book comes from user events, so that sending an email needs no call to the user service.
import { database, defineService, variable } from '#kit/manifest.ts';
import type { NotificationTables } from './tables.ts';

export default defineService({
  name: 'notification',
  contract: 'fairlead.notification.v1.NotificationService',
  description: 'Tells users what happens to their orders and payments, by the channels that they want.',
  database: database<NotificationTables>(),
  consumes: ['fairlead.order.v1.OrderEvent', 'fairlead.payment.v1.PaymentEvent', 'fairlead.user.v1.UserEvent'],
  config: {
    SMTP_URL: variable.string({
      description: 'Server that takes emails; empty: they are written to MAIL_FOLDER instead.',
      example: 'smtps://user:password@mail.example.com:465',
      default: '',
      secret: true,
    }),
    MAIL_FOLDER: variable.string({
      description: 'Folder into which emails are written as .eml files while SMTP_URL is empty.',
      example: '/tmp/fairlead-mail',
      default: '/tmp/fairlead-mail',
    }),
    MAIL_FROM: variable.string({
      description: 'Sender of emails.',
      example: 'Fairlead <orders@fairlead.example>',
      default: 'Fairlead <orders@fairlead.example>',
    }),
  },
});
