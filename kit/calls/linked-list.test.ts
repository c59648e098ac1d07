import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Linked, LinkedList } from './linked-list.ts';

const item = (name: string): Linked & { readonly name: string } => ({
  name,
  before: undefined,
  after: undefined,
  listed: false,
});

test('a list holds what was added and not taken out, the newest first', () => {
  const list = new LinkedList<ReturnType<typeof item>>();
  const [a, b, c] = [item('a'), item('b'), item('c')];
  for (const each of [a, b, c, b]) list.add(each);
  const names = (): string =>
    list
      .all()
      .map(({ name }) => name)
      .join('');
  assert.deepEqual([names(), list.size], ['cba', 3]);
  list.delete(b);
  list.delete(b);
  assert.deepEqual([names(), list.size, b.before, b.after], ['ca', 2, undefined, undefined]);
  list.delete(c);
  list.add(b);
  list.delete(a);
  assert.deepEqual([names(), list.size], ['b', 1]);
  list.delete(b);
  assert.deepEqual([names(), list.size], ['', 0]);
});
