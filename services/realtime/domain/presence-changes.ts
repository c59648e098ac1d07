// Who came and who went between two looks at a room. A person with two open windows is there once.
import type { Participant, PresenceChange } from '#proto/fairlead/realtime/v1/realtime_service.ts';

/** One person's coming or going. */
export type Movement = { readonly participant: Participant; readonly change: PresenceChange };

/** Each person once, in the order of their first window. */
export function peopleOf(windows: readonly Participant[]): Participant[] {
  const people = new Map<string, Participant>();
  for (const window of windows) if (!people.has(window.userId)) people.set(window.userId, window);
  return [...people.values()];
}

/** What happened between two lists of people. */
export function presenceChanges(before: readonly Participant[], after: readonly Participant[]): Movement[] {
  const missing = (from: readonly Participant[], others: readonly Participant[]): Participant[] => {
    const ids = new Set(others.map(({ userId }) => userId));
    return from.filter(({ userId }) => !ids.has(userId));
  };
  return [
    ...missing(after, before).map((participant) => ({ participant, change: 'PRESENCE_CHANGE_JOINED' as const })),
    ...missing(before, after).map((participant) => ({ participant, change: 'PRESENCE_CHANGE_LEFT' as const })),
  ];
}
