// The user service as data. Accounts, logins and API keys are its own; nothing else reads its database.
// Staff roles come from configuration only: no call can raise anybody's rights.
import { kitVariables } from '#kit/config/kit-variables.ts';
import { passwordCost } from '#kit/identity/password-hash.ts';
import { database, defineService, variable } from '#kit/manifest.ts';
import type { UserTables } from './tables.ts';

export default defineService({
  name: 'user',
  contract: 'fairlead.user.v1.UserService',
  description: 'Accounts, logins and API keys; signs the access tokens that all services verify.',
  database: database<UserTables>(),
  publishes: ['fairlead.user.v1.UserEvent'],
  config: {
    FAIRLEAD_JWT_ISSUER: kitVariables.FAIRLEAD_JWT_ISSUER,
    FAIRLEAD_JWT_AUDIENCE: kitVariables.FAIRLEAD_JWT_AUDIENCE,
    USER_SIGNING_KEY: variable.string({
      description:
        'Ed25519 private keys in PEM (PKCS #8), one after the other: the first signs access tokens, the others still verify. Empty: one is made and kept in the database, which is for development.',
      example: '-----BEGIN PRIVATE KEY----- ...',
      default: '',
      secret: true,
    }),
    USER_PASSWORD_COST: variable.integer({
      description:
        "Work of hashing a password, as log2 of scrypt's N: 15 takes 32 MiB, one more doubles memory and time.",
      example: '16',
      default: passwordCost,
      min: 10,
      max: 20,
    }),
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
