// What a service keeps in memory as long as its process runs: a key ring, a queue, a feed.
// It is made at first use, one per started service, so that two services in one test process do not share it.

/** An application or one of its contexts: `config` is one object for all of them. */
interface Holder {
  readonly config: object;
}

/**
 * Makes a value once per started service. `make` may return a promise; a rejected one is forgotten, so that the
 * next use tries again.
 */
export function applicationState<A extends Holder, T>(make: (application: A) => T): (application: A) => T {
  const values = new WeakMap<object, T>();
  return (application) => {
    const known = values.get(application.config);
    if (known !== undefined) return known;
    const value = make(application);
    values.set(application.config, value);
    if (value instanceof Promise) value.catch(() => values.delete(application.config));
    return value;
  };
}
