// The whole catalogue of 100,000 products as one stream: the reader's pace is the sender's, so memory stays flat.
import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import type manifest from './manifest.ts';
import service from './service.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Bytes that are in use, after what is not was thrown away. */
function used(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let test: TestService<typeof manifest>;
before(async () => {
  test = await startTestService(service, { env: { CATALOG_GENERATED_PRODUCTS: '100000', LOG_LEVEL: 'warn' } });
});
after(() => test.stop());

it('streams 100,000 products in order and in flat memory, while the reader rests now and then', async () => {
  let count = 0;
  let last = '';
  let most = 0;
  const before = used();
  for await (const { product } of test.client.streamProducts({}, { timeout: '120s' })) {
    const id = product?.productId ?? '';
    assert.ok(id > last);
    last = id;
    if (++count % 10_000 !== 0) continue;
    // Time in which a sender that does not wait for its reader would fill its buffers.
    await test.application.clock.sleep(20);
    most = Math.max(most, used());
  }
  assert.equal(count, 100_000);
  // All of them at once are more than 50 MiB.
  assert.ok(most - before < 16 * 2 ** 20, `${most - before} bytes more than before`);
});
