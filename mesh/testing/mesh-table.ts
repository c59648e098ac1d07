// Table tests of mesh rules: who calls whom, with which method and headers, and what has to happen to the call.
// Works on the manifests alone: nothing is started, a table of a hundred rows takes milliseconds.

import assert from 'node:assert/strict';
import { readManifestFiles } from '../control/manifest-folder.ts';
import {
  type CallQuestion,
  grpcStatusName,
  loadRuleSet,
  type Prediction,
  predict,
  predictRequest,
  type RequestQuestion,
  type RuleSet,
} from '../rules/index.ts';
import { parseDuration } from '../rules/read/scalars.ts';

/** What is expected of a call. Only the fields that are given are compared. */
export interface Expectation {
  /** Let in by the called workloads. */
  readonly allowed?: boolean;
  /** Shares in percent, by subset; a destination without subset is named by its host. They must be complete. */
  readonly shares?: Readonly<Record<string, number>>;
  /** The most attempts one call can cause: 1 is "no retries". */
  readonly attempts?: number;
  /** Each has to be among the retry conditions. */
  readonly retryOn?: readonly string[];
  /** `2s`; `none` for no limit. */
  readonly timeout?: string;
  readonly perTryTimeout?: string;
  readonly fault?: 'none' | { readonly delay?: string; readonly abort?: string; readonly percent: number };
  /** The gRPC status that the mesh answers by itself, by name. */
  readonly answered?: string;
  /** The HTTP status that the mesh answers by itself, for requests from outside. */
  readonly status?: number;
  /** Hosts to which the call is mirrored. */
  readonly mirrors?: readonly string[];
}

export interface MeshRow extends CallQuestion {
  readonly expect: Expectation;
}

/** A request from outside. */
export interface RequestRow extends RequestQuestion {
  readonly expect: Expectation;
}

export interface MeshTable {
  readonly rules: RuleSet;
  predict(question: CallQuestion): Prediction;
  /** Throws an AssertionError that names the call, the field and the rule that decided. */
  check(row: MeshRow): void;
  predictRequest(question: RequestQuestion): Prediction;
  /** The same for a request from outside. */
  checkRequest(row: RequestRow): void;
}

/** @param manifests - folders or files; `infra` for the platform's own. */
export async function meshTable(...manifests: readonly string[]): Promise<MeshTable> {
  const rules = loadRuleSet(await readManifestFiles(manifests));
  return {
    rules,
    predict: (question) => predict(rules, question),
    check: (row) => checkRow(predict(rules, row), row.expect, rowName(row)),
    predictRequest: (question) => predictRequest(rules, question),
    checkRequest: (row) => checkRow(predictRequest(rules, row), row.expect, requestName(row)),
  };
}

/** The name that a row has in test reports. */
export function rowName({ from, to, method, headers = {} }: CallQuestion): string {
  const list = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return `${from} calls ${to} ${method}${list.length === 0 ? '' : ` with ${list.join(', ')}`}`;
}

/** The same for a request from outside. */
export function requestName({ httpMethod = 'GET', path, host, headers = {} }: RequestQuestion): string {
  const list = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const named = host === undefined ? '' : ` of ${host}`;
  return `the outside asks for ${httpMethod} ${path}${named}${list.length === 0 ? '' : ` with ${list.join(', ')}`}`;
}

function ms(text: string): number {
  const parsed = text === 'none' ? 0 : parseDuration(text);
  if (parsed === undefined) throw new TypeError(`${JSON.stringify(text)} is no duration: write 250ms, 2s or none`);
  return parsed;
}

function checkRow(prediction: Prediction, expect: Expectation, name: string): void {
  const by = prediction.route?.object ?? 'the default route';
  const equal = (actual: unknown, expected: unknown, what: string): void =>
    assert.deepEqual(
      actual,
      expected,
      `${name}: ${what} is ${JSON.stringify(actual)}, expected ${JSON.stringify(expected)} (decided by ${by})`,
    );
  if (expect.allowed !== undefined) {
    const reasons = prediction.destinations.map((each) => each.verdict.because);
    equal(
      prediction.allowed,
      expect.allowed,
      `allowed (${[...reasons, prediction.reply?.message ?? ''].filter(Boolean).join('; ')})`,
    );
  }
  if (expect.shares !== undefined) equal(shares(prediction), expect.shares, 'shares');
  if (expect.attempts !== undefined) equal(prediction.attempts, expect.attempts, 'attempts');
  if (expect.timeout !== undefined) equal(prediction.timeoutMs, ms(expect.timeout), 'timeout in ms');
  if (expect.perTryTimeout !== undefined)
    equal(prediction.retries?.perTryTimeoutMs ?? 0, ms(expect.perTryTimeout), 'per-try timeout in ms');
  for (const condition of expect.retryOn ?? [])
    assert.ok(prediction.retries?.on.has(condition), `${name}: retries on ${condition} (decided by ${by})`);
  if (expect.answered !== undefined)
    equal(
      prediction.reply === undefined ? 'nothing' : grpcStatusName(prediction.reply.grpcStatus),
      expect.answered,
      'answered',
    );
  if (expect.status !== undefined) equal(prediction.reply?.httpStatus, expect.status, 'status');
  if (expect.mirrors !== undefined)
    equal(
      prediction.mirrors.map((each) => each.cluster.split('|')[3]),
      expect.mirrors,
      'mirrors',
    );
  if (expect.fault !== undefined) checkFault(prediction, expect.fault, equal);
}

function checkFault(
  { fault }: Prediction,
  expected: NonNullable<Expectation['fault']>,
  equal: (actual: unknown, expected: unknown, what: string) => void,
): void {
  if (expected === 'none') {
    equal(fault ?? 'none', 'none', 'fault');
    return;
  }
  if (expected.delay !== undefined) equal(fault?.delay, { ms: ms(expected.delay), percent: expected.percent }, 'delay');
  if (expected.abort !== undefined) {
    equal(fault?.abort === undefined ? 'nothing' : grpcStatusName(fault.abort.grpcStatus), expected.abort, 'abort');
    equal(fault?.abort?.percent, expected.percent, 'abort percentage');
  }
}

function shares(prediction: Prediction): Readonly<Record<string, number>> {
  const result: Record<string, number> = {};
  for (const each of prediction.destinations) {
    const name = each.subset ?? each.host;
    result[name] = Math.round(((result[name] ?? 0) + each.share * 100) * 100) / 100;
  }
  return result;
}
