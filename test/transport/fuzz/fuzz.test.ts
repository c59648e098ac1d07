// A bounded share of the fuzzer for every run; `fuzz.ts --inputs 10000000` is the whole.
import { test } from 'node:test';
import { fuzz } from './fuzz.ts';

test('twenty thousand spoilt connections leave nothing behind', async () => {
  await fuzz(20_000, 1);
});
