// Who may come in: tokens are verified, policies asked, in Istio's order, for one workload under one snapshot.
// Most calls carry a token that was seen before, or none: then the answer is there at once and nothing is awaited.

import type { JSONWebKeySet } from 'jose';
import {
  authorize,
  type CompiledAuthorization,
  compileAuthorization,
  findToken,
  inlineKeys,
  jwtRulesFor,
  type LocalReply,
  localReply,
  normalizePath,
  type RuleSet,
  type TokenResult,
  verifyToken,
  type Workload,
} from '../../rules/index.ts';
import type { RequestHead } from '../call/request-head.ts';
import type { VerifiedPeer } from '../identity/peer-certificate.ts';

/** Keys that a rule names by `jwksUri`, as far as they were fetched. */
export type RemoteKeys = (uri: string) => JSONWebKeySet | undefined;

export type Admission =
  | { readonly refused: LocalReply }
  /** Changes of the request's headers, or none. */
  | { readonly refused?: undefined; readonly headers: readonly string[] | undefined; readonly token?: TokenResult };

const NO_TOKEN: TokenResult = { kind: 'none' };
const DENIED: Admission = { refused: localReply(403, 'RBAC: access denied', 'RBAC') };
const OPEN: Admission = { headers: undefined };

/** Envoy's jwt_authn: the whole URL is the realm, cut where it is long. */
const LONGEST_REALM = 256;
function refusal(head: RequestHead, token: Extract<TokenResult, { kind: 'refused' }>): LocalReply {
  if (token.forbidden === true) return localReply(403, token.message, '-');
  const realm = `http://${head.authority}${head.path}`.slice(0, LONGEST_REALM).replaceAll('"', '');
  const fields = [['www-authenticate', `Bearer realm="${realm}", error="invalid_token"`]] as const;
  return { ...localReply(401, token.message, '-'), fields };
}

const CACHE_SIZE = 4096;
/** Refusals are remembered shortly: keys may arrive, and a clock moves. */
const REFUSAL_MS = 1000;

interface CachedToken {
  readonly result: TokenResult;
  readonly untilMs: number;
}

/** What a call was like that was let in, where nothing else decides. */
interface Allowed {
  readonly caller: string | undefined;
  readonly address: string;
  readonly port: number;
  readonly method: string;
  readonly authority: string;
  /** Normalised. */
  readonly path: string;
}

const MOST_PATHS = 1024;
const MOST_CALLERS = 64;
const LONGEST_PATH = 256;

export class Gatekeeper {
  readonly rules: RuleSet;
  readonly workload: Workload;
  readonly #policies: CompiledAuthorization;
  readonly #jwtRules: ReturnType<typeof jwtRulesFor>;
  readonly #remoteKeys: RemoteKeys;
  readonly #tokens = new Map<string, CachedToken>();
  readonly #open: boolean;
  /** Calls that are let in whatever else they carry, by the path that was asked for. New rules make a new gatekeeper. */
  readonly #allowed = new Map<string, Allowed[]>();
  /** Headers that a token's rule writes, and that nobody else may. */
  readonly #outputs: readonly string[];

  constructor(rules: RuleSet, workload: Workload, remoteKeys: RemoteKeys) {
    this.rules = rules;
    this.workload = workload;
    this.#policies = compileAuthorization(rules, workload);
    this.#jwtRules = jwtRulesFor(rules, workload);
    this.#remoteKeys = remoteKeys;
    const { custom, deny, allow } = this.#policies;
    this.#open = custom.length + deny.length + allow.length === 0;
    this.#outputs = this.#jwtRules.flatMap((rule) => [
      ...(rule.outputPayloadToHeader === undefined ? [] : [rule.outputPayloadToHeader.toLowerCase()]),
      ...(rule.outputClaimToHeaders ?? []).map((each) => each.header.toLowerCase()),
    ]);
  }

  /** Normalises the head's path in place, so that what is decided about is what is sent on. */
  admit(
    head: RequestHead,
    peer: VerifiedPeer | undefined,
    port: number,
    address: string,
  ): Admission | Promise<Admission> {
    const known = this.#allowed.get(head.path);
    if (known !== undefined)
      for (const each of known)
        if (
          each.caller === peer?.uri &&
          each.authority === head.authority &&
          each.method === head.method &&
          each.port === port &&
          each.address === address
        ) {
          head.path = each.path;
          return OPEN;
        }
    const asked = head.path;
    const path = normalizePath(head.path, this.rules.mesh.pathNormalization);
    if (path === undefined) return { refused: localReply(400, 'the path cannot be normalised', '-') };
    head.path = path;
    if (this.#jwtRules.length === 0) {
      const admission = this.#open ? OPEN : this.#decide(head, peer, port, address, NO_TOKEN);
      if (admission.refused === undefined && !this.#policies.readsHeaders && asked.length <= LONGEST_PATH)
        this.#allow(asked, { caller: peer?.uri, address, port, method: head.method, authority: head.authority, path });
      return admission;
    }
    const location = findToken(this.#jwtRules, head);
    if (location === undefined) return this.#decide(head, peer, port, address, NO_TOKEN);
    const seen = this.#tokens.get(location.value);
    if (seen !== undefined && seen.untilMs > Date.now()) return this.#decide(head, peer, port, address, seen.result);
    return verifyToken(
      this.#jwtRules,
      location,
      (rule) => inlineKeys(rule) ?? (rule.jwksUri === undefined ? undefined : this.#remoteKeys(rule.jwksUri)),
    ).then((result) => {
      this.#remember(location.value, result);
      return this.#decide(head, peer, port, address, result);
    });
  }

  #allow(asked: string, allowed: Allowed): void {
    if (this.#allowed.size >= MOST_PATHS) this.#allowed.clear();
    const known = this.#allowed.get(asked);
    if (known === undefined || known.length >= MOST_CALLERS) this.#allowed.set(asked, [allowed]);
    else known.push(allowed);
  }

  #remember(token: string, result: TokenResult): void {
    if (this.#tokens.size >= CACHE_SIZE) this.#tokens.delete(this.#tokens.keys().next().value ?? '');
    const expires = result.kind === 'verified' ? result.token.claims.exp : undefined;
    const untilMs =
      typeof expires === 'number' ? expires * 1000 : Date.now() + (result.kind === 'verified' ? 60_000 : REFUSAL_MS);
    this.#tokens.set(token, { result, untilMs });
  }

  #decide(
    head: RequestHead,
    peer: VerifiedPeer | undefined,
    port: number,
    address: string,
    token: TokenResult,
  ): Admission {
    if (token.kind === 'refused') return { refused: refusal(head, token) };
    if (token.kind === 'verified') head.claims = token.token.claims;
    const query = head.path.indexOf('?');
    const verdict = this.#open
      ? undefined
      : authorize(this.#policies, {
          method: head.method,
          path: query < 0 ? head.path : head.path.slice(0, query),
          host: head.authority,
          port,
          headers: head.headers,
          sourceIp: address,
          remoteIp: address,
          ...(peer === undefined ? {} : { peer: peer.peer }),
          ...(token.kind === 'verified' ? { token: token.token } : {}),
        });
    if (verdict?.allowed === false) return DENIED;
    return { headers: this.#headers(head, token), token };
  }

  /** Tokens are taken off unless the rule forwards them; claims go into the headers that it names, and only they. */
  #headers(head: RequestHead, token: TokenResult): readonly string[] | undefined {
    const outputs = this.#outputs;
    const verified = token.kind === 'verified' ? token : undefined;
    const carrier =
      verified !== undefined && verified.rule.forwardOriginalToken !== true ? verified.location.header : undefined;
    if (outputs.length === 0 && carrier === undefined) return undefined;
    const out: string[] = [];
    for (let i = 0; i < head.list.length; i += 2) {
      const name = head.list[i] ?? '';
      if (name !== carrier && !outputs.includes(name)) out.push(name, head.list[i + 1] ?? '');
    }
    if (verified === undefined) return out;
    const { rule, location, token: content } = verified;
    if (rule.outputPayloadToHeader !== undefined)
      out.push(rule.outputPayloadToHeader.toLowerCase(), location.value.split('.')[1] ?? '');
    for (const { header, claim } of rule.outputClaimToHeaders ?? []) {
      const value = content.claims[claim];
      if (['string', 'number', 'boolean'].includes(typeof value)) out.push(header.toLowerCase(), String(value));
    }
    return out;
  }
}
