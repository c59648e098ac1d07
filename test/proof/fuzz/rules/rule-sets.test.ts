// Rule sets of every kind that the mesh reads: valid ones decide every call, broken ones are refused with file, line and
// field, and the last good set stays in force.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { processEnvironment } from '#kit/config/process-environment.ts';
import { RuleStore } from '../../../../mesh/control/rule-store.ts';
import { buildRuleSet, decide, jwtRulesFor, Outbound, peerRequirement, predict } from '../../../../mesh/rules/index.ts';
import { findWorkload } from '../../../../mesh/rules/predict/find-workload.ts';
import { headersFrom } from '../../../../mesh/rules/routing/match/call.ts';
import { object, specs } from '../../../../mesh/rules/testing/arbitrary-rules.ts';
import { PLATFORM } from '../../../../mesh/rules/testing/manifests.ts';
import { fieldOf, lineOf, type Spoiling, spoilings, spoilt } from './spoilt-spec.ts';

const { FAIRLEAD_FUZZ_RUNS = '8', FAIRLEAD_FUZZ_SEED = '1' } = processEnvironment();
const effort = { numRuns: 12 * Number(FAIRLEAD_FUZZ_RUNS), seed: Number(FAIRLEAD_FUZZ_SEED) };

const kinds = Object.keys(specs);
const platform = PLATFORM.slice(0, -1).join('\n---\n');
/** One object of each of some kinds. */
const someRules = fc
  .subarray(kinds, { minLength: 1 })
  .chain((chosen) =>
    fc.tuple(...chosen.map((kind) => (specs[kind] ?? fc.constant({})).map((spec) => ({ kind, spec })))),
  );
const textOf = (rules: readonly { readonly kind: string; readonly spec: unknown }[]): string =>
  rules.map(({ kind, spec }) => object(kind, 'generated', spec)).join('\n---\n');

/** One valid object of a kind and a way to break it. */
const broken = fc
  .constantFrom(...kinds)
  .chain((kind) => (specs[kind] ?? fc.constant({})).map((spec) => ({ kind, spec })))
  .chain(({ kind, spec }) =>
    fc.constantFrom<Spoiling[]>(...spoilings(spec)).map((spoiling: Spoiling) => ({ kind, spec, spoiling })),
  );

describe('generated rule sets', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-fuzz-rules-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('of every kind, when valid, decide every call and never throw', () => {
    const call = fc.record({
      host: fc.constantFrom('payment', 'payment.shop', 'catalog', 'api.example', 'nobody'),
      path: fc.oneof(fc.constant('/shop.Payment/Charge'), fc.webPath()),
      header: fc.string(),
      port: fc.constantFrom(50_051, 80),
    });
    const property = fc.property(
      someRules,
      call,
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (chosen, each, draw) => {
        const { rules, problems } = buildRuleSet([
          { file: 'platform.yaml', text: platform },
          { file: 'generated.yaml', text: textOf(chosen) },
        ]);
        assert.ok(rules, `refused: ${problems.map(({ field, message }) => `${field} ${message}`).join('; ')}`);
        const outbound = new Outbound(rules, findWorkload(rules, 'checkout'));
        const headers = headersFrom({ 'x-a': each.header, 'x-version': 'v2' });
        const asked = { ...each, authority: each.host, method: 'POST', scheme: 'http', headers };
        const decision = decide(outbound, asked, { weight: draw, delay: draw, abort: draw, mirror: draw });
        assert.ok(['forward', 'reply', 'pass-through'].includes(decision.kind));
        const server = findWorkload(rules, 'payment');
        assert.ok(['DISABLE', 'PERMISSIVE', 'STRICT'].includes(peerRequirement(rules, server, each.port).mode));
        assert.ok(Array.isArray(jwtRulesFor(rules, server)));
        const verdict = predict(rules, { from: 'checkout', to: 'payment', method: '/shop.Payment/Charge' });
        assert.equal(typeof verdict.allowed, 'boolean');
      },
    );
    fc.assert(property, effort);
  });

  it('of every kind, when broken, are refused with file, line and field', () => {
    const property = fc.property(broken, ({ kind, spec, spoiling }) => {
      const text = object(kind, 'broken', spoilt(spec, spoiling));
      const { rules, problems } = buildRuleSet([
        { file: 'platform.yaml', text: platform },
        { file: 'broken.yaml', text },
      ]);
      const where = `${kind} with ${spoiling.what}:\n${text}\n${JSON.stringify(problems)}`;
      assert.equal(rules, undefined, `in force: ${where}`);
      const field = fieldOf(spec, spoiling.place);
      const named = problems.find((problem) => problem.severity === 'error' && problem.field === field);
      assert.ok(named, `${field} is not named: ${where}`);
      assert.equal(named.file, 'broken.yaml', where);
      assert.equal(named.line, lineOf(text, spoiling.place), where);
      assert.match(named.object, new RegExp(`^${kind} `), where);
    });
    fc.assert(property, effort);
  });

  it('leave the last good set in force when they are broken, and take its place when they are good again', async () => {
    writeFileSync(join(folder, 'platform.yaml'), platform);
    const file = join(folder, 'generated.yaml');
    writeFileSync(file, object('Sidecar', 'generated', {}));
    const store = await RuleStore.open([folder]);
    let swaps = 0;
    store.follow(() => swaps++);
    const property = fc.asyncProperty(broken, async ({ kind, spec, spoiling }) => {
      const good = object(kind, 'generated', spec);
      writeFileSync(file, good);
      assert.deepEqual((await store.reload()).refused, []);
      const [inForce, before] = [store.rules, swaps];
      writeFileSync(file, object(kind, 'generated', spoilt(spec, spoiling)));
      const { refused } = await store.reload();
      assert.ok(refused.some((problem) => problem.line >= 1 && problem.field !== ''));
      assert.equal(store.rules, inForce);
      assert.equal(swaps, before, 'nobody is told of rules that are refused');
    });
    await fc.assert(property, { ...effort, numRuns: Math.ceil(effort.numRuns / 4) });
    store.close();
  });
});
