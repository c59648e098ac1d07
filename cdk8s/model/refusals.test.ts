// Everything that synth must refuse, each with file, service and field in its error.
// Each case changes one thing of a platform that is otherwise accepted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Duration } from 'cdk8s';
import { celContracts, shopManifests, shopWith } from '../test/shop.ts';
import type { Manifest } from './manifest.ts';
import type { ServicePolicy } from './policy.ts';
import { resolvePlatform } from './resolve-platform.ts';
import { SynthError } from './synth-error.ts';

const { front, order, stock } = shopManifests;

interface Case {
  readonly name: string;
  readonly manifests?: Readonly<Record<string, Manifest>>;
  readonly policies?: Readonly<Record<string, ServicePolicy>>;
  readonly problem: {
    readonly file: string;
    readonly service: string;
    readonly field: string;
    readonly message: RegExp;
  };
}

const cases: readonly Case[] = [
  {
    name: 'a rule for an unknown host',
    policies: { billing: {} },
    problem: { file: 'platform.ts', service: 'billing', field: 'name', message: /host that does not exist/ },
  },
  {
    name: 'a route to an unknown subset',
    policies: { stock: { routes: [{ name: 'beta', header: 'x-beta', value: '1', version: 'v3' }] } },
    problem: { file: 'platform.ts', service: 'stock', field: 'routes.beta.version', message: /no subset 'v3'/ },
  },
  {
    name: 'a weight for an unknown subset',
    policies: { stock: { canary: { weights: { v1: 90, v9: 10 } } } },
    problem: { file: 'platform.ts', service: 'stock', field: 'canary.weights.v9', message: /no subset 'v9'/ },
  },
  {
    name: 'a rule for an unknown method',
    policies: { stock: { methods: { Steal: { timeout: Duration.seconds(1) } } } },
    problem: { file: 'platform.ts', service: 'stock', field: 'methods.Steal', message: /no such method; it has Get/ },
  },
  {
    name: 'a declared call of an unknown method',
    manifests: { order: { ...order, calls: { stock: { contract: 'shop.v1.StockService', methods: ['Steal'] } } } },
    problem: {
      file: 'services/order/manifest.ts',
      service: 'order',
      field: 'calls.stock.methods',
      message: /no method 'Steal'/,
    },
  },
  {
    name: 'a retry of a method that is not idempotent',
    policies: { stock: { methods: { Take: { timeout: Duration.seconds(4), retries: { attempts: 1 } } } } },
    problem: { file: 'platform.ts', service: 'stock', field: 'methods.Take.retries', message: /not idempotent/ },
  },
  {
    name: 'a timeout smaller than its own tries',
    policies: { stock: { methods: { Get: { retries: { attempts: 2, perTryTimeout: Duration.seconds(1) } } } } },
    problem: {
      file: 'platform.ts',
      service: 'stock',
      field: 'methods.Get.timeout',
      message: /3 tries of 1000 ms need 3000 ms/,
    },
  },
  {
    name: 'a timeout smaller than what is called needs',
    policies: { order: { timeout: Duration.seconds(3) } },
    problem: {
      file: 'platform.ts',
      service: 'order',
      field: 'methods.Buy.timeout',
      message: /order -> stock\/Take may take 4000 ms/,
    },
  },
  {
    name: 'a timeout smaller than the sum of what it covers',
    policies: { order: { timeout: Duration.seconds(5), methods: { Buy: { covers: ['stock/Get', 'stock/Take'] } } } },
    problem: {
      file: 'platform.ts',
      service: 'order',
      field: 'methods.Buy.timeout',
      message: /stock\/Get \+ stock\/Take may take 6000 ms/,
    },
  },
  {
    name: 'weights that do not add up to 100',
    policies: { stock: { canary: { weights: { v1: 80, v2: 10 } } } },
    problem: { file: 'platform.ts', service: 'stock', field: 'canary.weights', message: /add up to 90/ },
  },
  {
    name: 'a call to a service that does not exist',
    manifests: { order: { ...order, calls: { warehouse: { contract: 'shop.v1.StockService', methods: ['Get'] } } } },
    problem: {
      file: 'services/order/manifest.ts',
      service: 'order',
      field: 'calls.warehouse',
      message: /no service 'warehouse'/,
    },
  },
  {
    name: 'a call of a contract that the other does not implement',
    manifests: { order: { ...order, calls: { stock: { contract: 'shop.v1.OrderService', methods: ['Buy'] } } } },
    problem: {
      file: 'services/order/manifest.ts',
      service: 'order',
      field: 'calls.stock',
      message: /implements shop.v1.StockService/,
    },
  },
  {
    name: 'a cycle of calls',
    manifests: { stock: { ...stock, calls: { order: { contract: 'shop.v1.OrderService', methods: ['Buy'] } } } },
    problem: {
      file: 'services/order/manifest.ts',
      service: 'order',
      field: 'calls.stock',
      message: /order -> stock -> order/,
    },
  },
  {
    name: 'a port that is taken',
    manifests: { front: { ...front, httpPort: 9090 } },
    problem: { file: 'services/front/manifest.ts', service: 'front', field: 'httpPort', message: /port 9090 is taken/ },
  },
  {
    name: 'a version named twice',
    manifests: { stock: { ...stock, versions: ['v1', 'v1'] } },
    problem: {
      file: 'services/stock/manifest.ts',
      service: 'stock',
      field: 'versions',
      message: /'v1' is named twice/,
    },
  },
  {
    name: 'a service named twice',
    manifests: { other: { ...front } },
    problem: { file: 'services/front/manifest.ts', service: 'front', field: 'name', message: /names two services/ },
  },
  {
    name: 'a value for a variable that is not declared',
    policies: { order: { timeout: Duration.seconds(5), env: { GRETING: 'hi' } } },
    problem: { file: 'platform.ts', service: 'order', field: 'env.GRETING', message: /declares no variable/ },
  },
];

function problemsOf(run: () => unknown): SynthError['problems'] {
  try {
    run();
  } catch (error) {
    if (error instanceof SynthError) return error.problems;
    throw error;
  }
  return [];
}

test('the platform that the cases change is accepted', () => {
  assert.deepEqual(
    problemsOf(() => resolvePlatform(shopWith())),
    [],
  );
});

for (const { name, manifests, policies, problem } of cases) {
  test(`refuses ${name}, naming file, service and field`, () => {
    const problems = problemsOf(() => resolvePlatform(shopWith(manifests, policies)));
    const found = problems.find(({ field, service }) => field === problem.field && service === problem.service);
    assert.ok(found, `no problem with ${problem.service}: ${problem.field} in ${JSON.stringify(problems)}`);
    assert.equal(found.file, problem.file);
    assert.match(found.message, problem.message);
  });
}

test('refuses CEL rules, which the validator does not evaluate', () => {
  const cel: Manifest = { name: 'ask', contract: 'shop.v1.CelService', description: 'Asks.' };
  const declaration = {
    ...shopWith({}, {}, celContracts),
    services: [{ file: 'services/ask/manifest.ts', manifest: cel }],
    policies: {},
  };
  const [problem] = problemsOf(() => resolvePlatform(declaration));
  assert.equal(problem?.service, 'ask');
  assert.equal(problem?.field, 'shop.v1.AskRequest');
  assert.match(problem?.message ?? '', /word.*CEL|CEL.*word/);
});

test('allows a cycle of calls with an explicit word for it', () => {
  const cyclic = { ...stock, calls: { order: { contract: 'shop.v1.OrderService', methods: ['Buy'] } } };
  const budget = Duration.seconds(20);
  const policies = {
    order: { timeout: budget, cycleWith: ['stock'] },
    stock: { canary: { weights: { v1: 80, v2: 20 } }, timeout: budget, retries: false as const },
  };
  assert.deepEqual(
    problemsOf(() => resolvePlatform(shopWith({ stock: cyclic }, policies))),
    [],
  );
});

test('shows every problem of a stage at once, one a line', () => {
  const policies = { stock: { canary: { weights: { v1: 1, v2: 1 } }, methods: { Steal: {} } } };
  assert.throws(
    () => resolvePlatform(shopWith({}, policies)),
    /for 2 reasons:\n {2}platform\.ts: stock: .*\n {2}platform\.ts: stock: /,
  );
});
