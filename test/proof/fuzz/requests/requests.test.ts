// Every request of every contract, fuzzed against the real services with their databases; what they call is played by the
// rules of its contract. `npm run proof -- fuzz --runs 1000 --seed 5` tries more of it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { v7 as uuid } from 'uuid';
import type { Service } from '#kit';
import { notFound } from '#kit';
import { processEnvironment } from '#kit/config/process-environment.ts';
import type { ContractName } from '#kit/contract/shapes.ts';
import { startTestService, type TestService } from '#kit/testing/start-test-service.ts';
import { findServices } from '../../../../laptop/find-services.ts';
import { World } from '../../../../services/order/testing/world.ts';
import { type Effort, FuzzTarget } from './fuzz-target.ts';

const { FAIRLEAD_FUZZ_RUNS = '8', FAIRLEAD_FUZZ_SEED = '1' } = processEnvironment();
const effort: Effort = { runs: Number(FAIRLEAD_FUZZ_RUNS), seed: Number(FAIRLEAD_FUZZ_SEED) };

const world = new World();
const onSale = Array.from({ length: 5 }, () => world.addProduct({ stock: 1_000_000 }));
const mail = mkdtempSync(join(tmpdir(), 'fairlead-fuzz-mail-'));
after(() => rmSync(mail, { recursive: true, force: true }));

const catalog = { listProducts: async () => ({ products: onSale.map((productId) => ({ productId })) }) };
/** What services need that differ from the others. */
const surroundings: Readonly<
  Record<string, { readonly fakes?: object; readonly env?: Readonly<Record<string, string>> }>
> = {
  catalog: { env: { CATALOG_GENERATED_PRODUCTS: '50' } },
  inventory: { fakes: { catalog } },
  notification: { env: { MAIL_FOLDER: mail } },
  order: { fakes: world.fakes },
  payment: { env: { SLOW_CARD_DELAY: '10ms', SERVICE_VERSION: 'v2' } },
  realtime: {
    fakes: {
      'order-query': {
        getOrder: async ({ orderId }: { readonly orderId: string }) => {
          if (/[0-7]$/.test(orderId)) throw notFound('order', orderId);
          return { order: { orderId, userId: orderId } };
        },
      },
    },
  },
  recommendation: { fakes: { catalog } },
  user: { env: { USER_PASSWORD_COST: '10' } },
};

const { instances } = await findServices([]);
const names = [...new Set(instances.map(({ service }) => service))];

for (const name of names) {
  const { default: service } = (await import(`../../../../services/${name}/service.ts`)) as {
    readonly default: Service;
  };
  const { contract } = service.manifest;
  if (contract === undefined) continue;
  describe(`${name}, fuzzed`, () => {
    let test: TestService<Service['manifest']>;
    let target: FuzzTarget;
    before(async () => {
      test = await startTestService(service, { env: { LOG_LEVEL: 'error' }, ...surroundings[name] } as object);
      const staff = await test.token({ id: uuid(), roles: ['admin', 'support', 'customer', 'partner'] });
      const customer = await test.token({ id: uuid() });
      target = await FuzzTarget.open({
        contract: contract as ContractName,
        address: test.address,
        tokens: [staff, customer],
      });
    });
    after(async () => {
      target.close();
      await test.stop();
    });

    it('is never at fault for a valid request', async () => {
      // Together: streams are listened to for a while each.
      await Promise.all(target.contract.methods.map((method) => target.valid(method, effort)));
    });

    it('refuses a broken rule and names the field', async () => {
      await Promise.all(target.contract.methods.map((method) => target.spoilt(method, effort)));
    });

    it('answers bytes that are no message with a canonical status, and lives', async () => {
      await Promise.all(target.contract.methods.map((method) => target.bytes(method, effort)));
      assert.ok(test.application.db);
      const faults = test.logs.filter((line) => /internal error/.test(JSON.stringify(line)));
      assert.deepEqual(faults, []);
    });
  });
}
