// Who came and who went, for any two looks at a room.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { peopleOf, presenceChanges } from './presence-changes.ts';

const person = (userId: string) => ({ userId, displayName: userId, support: false });
const people = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e')).map((ids) => ids.map(person));

test('a person with two windows is there once', () => {
  assert.deepEqual(peopleOf([person('a'), person('b'), person('a')]), [person('a'), person('b')]);
});

test('changes lead from the one list of people to the other, and nothing changes between equal lists', () => {
  fc.assert(
    fc.property(people, people, (before, after) => {
      const there = new Set(before.map(({ userId }) => userId));
      for (const { participant, change } of presenceChanges(before, after)) {
        if (change === 'PRESENCE_CHANGE_JOINED') there.add(participant.userId);
        else there.delete(participant.userId);
      }
      assert.deepEqual(there, new Set(after.map(({ userId }) => userId)));
      assert.deepEqual(presenceChanges(before, before), []);
    }),
  );
});
