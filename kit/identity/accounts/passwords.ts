// Passwords of a running service's accounts. They are hashed two at a time, because a hash takes much memory and one of the
// four threads that Node has for such work. Do it outside of transactions: no connection of the pool waits for a processor.
import { applicationState } from '../../application-state.ts';
import { Turnstile } from '../../background/turnstile.ts';
import type { Application } from '../../context.ts';
import { hashPassword, isPassword } from '../password-hash.ts';

interface Hashing extends Pick<Application, 'signal'> {
  readonly config: { readonly USER_PASSWORD_COST: number };
}

const line = applicationState((_: Hashing) => new Turnstile({ atOnce: 2, waiting: 200 }));

/** What is stored of a password. @throws RpcError RESOURCE_EXHAUSTED when too many wait */
export function hashOf(context: Hashing, password: string): Promise<string> {
  return line(context).run(() => hashPassword(password, context.config.USER_PASSWORD_COST), context.signal);
}

/** True when the password has this hash. Takes as long without a hash, so that time does not tell which accounts exist. */
export function hasHash(context: Hashing, password: string, hash: string | undefined): Promise<boolean> {
  return line(context).run(() => isPassword(password, hash, context.config.USER_PASSWORD_COST), context.signal);
}
