// The time of day and timers where a clock that tests move by hand must not reach: the deadlines of calls, which the
// transport and the peer measure too. Everything else asks for a Clock.

/** Milliseconds since the epoch. */
export function timeOfDay(): number {
  return Date.now();
}

/** Calls `work` with `argument` in `ms` milliseconds; the argument spares a closure for each timer. */
export function after<T>(ms: number, work: (argument: T) => void, argument: T): NodeJS.Timeout {
  return setTimeout(work, ms, argument);
}
