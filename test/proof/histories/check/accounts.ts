// Accounts: one an address, what was acknowledged stays, and whoever has to know of one knows the same.
import { nameOf } from '../run/doors/door.ts';
import { grouped, type Invariant } from './invariant.ts';

/** Whoever was let in has an account, and it is always the same one. */
export const accountsOnce: Invariant = {
  name: 'an account exists once, and none that was acknowledged is lost',
  *check({ accounts, history }) {
    const byEmail = grouped(accounts, ({ email }) => email);
    for (const [email, all] of byEmail) {
      if (all.length > 1) yield `${email} has ${all.length} accounts: ${all.map(({ user_id }) => user_id).join(', ')}`;
    }
    const entries = history.filter(({ does }) => does === 'Register' || does === 'Login');
    for (const { type, does, value } of entries) {
      const account = byEmail.get(String(value.email))?.[0];
      if (type === 'ok' && account?.user_id !== value.userId) {
        yield `${does} of ${value.email} was answered with ${value.userId}, the account is ${account?.user_id}`;
      }
      if (type === 'fail' && account === undefined) {
        yield `${does} of ${value.email} was refused with ${value.code}, and there is no account`;
      }
      if (type === 'fail' && does === 'Login') yield `${value.email} was not let in: ${value.code} ${value.reason}`;
    }
    for (const { type, does, value } of history) {
      if (type === 'fail' && value.code === 'UNAUTHENTICATED' && does !== 'Login') {
        yield `${does} with a token of an account was refused: ${value.reason}`;
      }
    }
    for (const { email, user_id, display_name } of accounts) {
      if (display_name !== nameOf(email)) yield `account ${user_id} of ${email} is called ${display_name}`;
    }
  },
};

/** Services that learn accounts from events know them as they are. */
export const accountsKnown: Invariant = {
  name: 'names and addresses of accounts are known where they are used',
  *check({ accounts, learnt }) {
    for (const [service, all] of learnt) {
      for (const { user_id, email, display_name } of accounts) {
        const own = all.find((one) => one.user_id === user_id);
        if (own === undefined) yield `${service} does not know account ${user_id}`;
        else if (own.display_name !== display_name || (own.email ?? email) !== email) {
          yield `${service} knows account ${user_id} as ${own.display_name} ${own.email ?? ''}, it is ${display_name} ${email}`;
        }
      }
      for (const { user_id } of all) {
        if (!accounts.some((one) => one.user_id === user_id))
          yield `${service} knows an account ${user_id} that is not there`;
      }
    }
  },
};
