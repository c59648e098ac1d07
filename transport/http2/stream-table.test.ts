import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Http2Stream } from './stream.ts';
import { StreamTable } from './stream-table.ts';

const streamOf = (id: number): Http2Stream => ({ id, nextInTable: undefined }) as Http2Stream;

test('a table agrees with a Map while streams come, stay long and go', () => {
  const table = new StreamTable();
  const model = new Map<number, Http2Stream>();
  let seed = 7;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % below;
  };
  for (let id = 1; id < 20_001; id += 2) {
    const stream = streamOf(id);
    table.add(stream);
    model.set(id, stream);
    // At first fewer leave than come, then more.
    for (let leaving = random(id < 10_000 ? 2 : 4); leaving > 0 && model.size > 0; leaving--) {
      const ids = [...model.keys()].slice(0, 50);
      const gone = model.get(ids[random(ids.length)] ?? 0);
      if (gone === undefined) continue;
      model.delete(gone.id);
      assert.equal(table.delete(gone), true);
      assert.equal(table.delete(gone), false, 'twice');
      assert.equal(gone.nextInTable, undefined, 'nothing leads from a stream that is gone to those that came after it');
    }
    assert.equal(table.size, model.size);
    const probe = 1 + 2 * random(id);
    assert.equal(table.get(probe), model.get(probe));
  }
  assert.deepEqual(
    table
      .values()
      .map(({ id }) => id)
      .sort((a, b) => a - b),
    [...model.keys()],
  );
});
