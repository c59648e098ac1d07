// Variables of the service that keeps the accounts, for its manifest: `config: { ...accountVariables }`.
import { kitVariables } from '../../config/kit-variables.ts';
import { variable } from '../../config/variable.ts';
import { passwordCost } from '../password-hash.ts';

/** Who signs access tokens with what, and how much work a password is. */
export const accountVariables = {
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
};
