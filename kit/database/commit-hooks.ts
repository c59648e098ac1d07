// Lets a part of the kit act after a transaction has committed: the relay and the saga runner look at once instead of polling.
// Hooks are hints; whoever misses one (a crash between commit and hook) finds its work by polling.

const hooks = new WeakMap<object, Map<string, () => void>>();

/** Runs `hook` after the transaction commits; of several hooks with one name, one runs. Nothing runs after a rollback. */
export function afterCommit(transaction: object, name: string, hook: () => void): void {
  hooks.get(transaction)?.set(name, hook);
}

/** Prepares a transaction for hooks; returns what to call once it has committed. */
export function collectHooks(transaction: object): () => void {
  const collected = new Map<string, () => void>();
  hooks.set(transaction, collected);
  return () => {
    for (const hook of collected.values()) hook();
  };
}
