// The user service as data. Accounts, logins and API keys are its own; nothing else reads its database.
// Staff roles come from configuration only: no call can raise anybody's rights.
import { accountVariables } from '#kit/identity/accounts/account-variables.ts';
import { database, defineService, variable } from '#kit/manifest.ts';
import type { UserTables } from './gen/tables.ts';

export default defineService({
  name: 'user',
  contract: 'fairlead.user.v1.UserService',
  description: 'Accounts, logins and API keys; signs the access tokens that all services verify.',
  database: database<UserTables>(),
  publishes: ['fairlead.user.v1.UserEvent'],
  config: {
    ...accountVariables,
    USER_ADMIN_EMAILS: variable.string({
      description:
        'E-mail addresses, separated by commas, whose accounts have the role admin. Register them before the platform is open to others: addresses are not verified.',
      example: 'ada@example.com,grace@example.com',
      default: '',
    }),
    USER_SUPPORT_EMAILS: variable.string({
      description: 'E-mail addresses, separated by commas, whose accounts have the role support.',
      example: 'help@example.com',
      default: '',
    }),
    USER_PARTNER_EMAILS: variable.string({
      description: 'E-mail addresses, separated by commas, whose accounts have the role partner.',
      example: 'shop@partner.example',
      default: '',
    }),
  },
});
