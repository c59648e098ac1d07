// When batches leave, what is in them, and who gets which answer.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Duration } from '../duration.ts';
import { RequestBatcher } from './request-batcher.ts';

function recording(
  maxSize: number,
  maxDelay: Duration,
): { batches: string[][]; batcher: RequestBatcher<string, string> } {
  const batches: string[][] = [];
  const batcher = new RequestBatcher<string, string>({
    maxSize,
    maxDelay,
    load: async (keys) => {
      batches.push([...keys]);
      if (keys.includes('broken')) throw new Error('no answer');
      return new Map(keys.filter((key) => key !== 'unknown').map((key) => [key, key.toUpperCase()]));
    },
  });
  return { batches, batcher };
}

describe('request batcher', () => {
  it('sends one batch for what was asked within the delay, each key once', async () => {
    const { batches, batcher } = recording(100, '5ms');
    const answers = await Promise.all(['a', 'b', 'a', 'unknown'].map((key) => batcher.get(key)));
    assert.deepEqual(answers, ['A', 'B', 'A', undefined]);
    assert.deepEqual(batches, [['a', 'b', 'unknown']]);
  });

  it('sends a full batch at once and begins the next', async () => {
    const { batches, batcher } = recording(2, '1h');
    const first = Promise.all([batcher.get('a'), batcher.get('b')]);
    assert.deepEqual(await first, ['A', 'B']);
    assert.deepEqual(await Promise.all([batcher.get('c'), batcher.get('d')]), ['C', 'D']);
    assert.deepEqual(batches, [
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('fails all of a failed batch and nothing of the next', async () => {
    const { batcher } = recording(2, '1ms');
    const failed = await Promise.allSettled([batcher.get('broken'), batcher.get('a')]);
    assert.deepEqual(
      failed.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    assert.equal(await batcher.get('a'), 'A');
  });

  it('refuses a size that no batch can have', () => {
    assert.throws(() => recording(0, '1ms'), RangeError);
  });
});
