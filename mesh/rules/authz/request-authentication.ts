// Tokens: where a rule looks for one, and what verification gives. A bad token is refused, a missing one is no principal.
// Source: Istio reference/config/security/request_authentication; Envoy jwt_authn (60 s of clock skew).

import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose';
import type { Workload } from '../model/registry.ts';
import type { RuleSet } from '../model/rule-set.ts';
import type { JwtRule } from '../read/kinds/security.ts';
import type { CallView } from '../routing/match/call.ts';
import { cookieValue } from '../routing/match/cookie.ts';
import { queryParameter } from '../routing/match/match.ts';
import { selects } from './authorize.ts';
import type { VerifiedToken } from './request.ts';

export type TokenResult =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'refused';
      readonly message: string;
      /** The token is good but meant for another service: Envoy answers 403 then, and 401 in every other case. */
      readonly forbidden?: boolean;
    }
  | {
      readonly kind: 'verified';
      readonly token: VerifiedToken;
      readonly rule: JwtRule;
      readonly location: TokenLocation;
    };

export interface TokenLocation {
  readonly value: string;
  /** The header that carried it, so that it can be taken off. */
  readonly header?: string;
}

export function jwtRulesFor(rules: RuleSet, workload: Workload): readonly JwtRule[] {
  return rules
    .objects('RequestAuthentication')
    .filter((each) => each.spec.targetRef === undefined && each.spec.targetRefs === undefined)
    .filter((each) => selects(rules, each, each.spec.selector?.matchLabels, workload))
    .flatMap((each) => each.spec.jwtRules ?? []);
}

export function findToken(rules: readonly JwtRule[], call: CallView): TokenLocation | undefined {
  for (const rule of rules) {
    const headers = rule.fromHeaders ?? [];
    const params = rule.fromParams ?? [];
    const cookies = rule.fromCookies ?? [];
    const byDefault = headers.length + params.length + cookies.length === 0;
    for (const { name, prefix = '' } of byDefault ? [{ name: 'authorization', prefix: 'Bearer ' }] : headers) {
      const value = call.headers.get(name.toLowerCase());
      if (value?.toLowerCase().startsWith(prefix.toLowerCase()) === true && value.length > prefix.length)
        return { value: value.slice(prefix.length).trim(), header: name.toLowerCase() };
    }
    for (const name of byDefault ? ['access_token'] : params) {
      const value = queryParameter(call, name);
      if (value !== undefined) return { value };
    }
    for (const name of cookies) {
      const value = cookieValue(call, name);
      if (value !== undefined) return { value };
    }
  }
  return undefined;
}

/** Gives the key set of a rule: its inline `jwks`, or what the control plane fetched from `jwksUri`. */
export type KeySource = (rule: JwtRule) => JSONWebKeySet | undefined;

export function inlineKeys(rule: JwtRule): JSONWebKeySet | undefined {
  if (rule.jwks === undefined) return undefined;
  try {
    const parsed: unknown = JSON.parse(rule.jwks);
    return typeof parsed === 'object' && parsed !== null && 'keys' in parsed ? (parsed as JSONWebKeySet) : undefined;
  } catch {
    return undefined;
  }
}

const CLOCK_SKEW_S = 60;

export async function verifyToken(
  rules: readonly JwtRule[],
  location: TokenLocation,
  keys: KeySource = inlineKeys,
  now: Date = new Date(),
): Promise<TokenResult> {
  let issuer: string | undefined;
  try {
    issuer = decodeJwt(location.value).iss;
  } catch {
    return { kind: 'refused', message: 'Jwt is not in the form of Header.Payload.Signature' };
  }
  const candidates = rules.filter((rule) => rule.issuer === issuer);
  if (candidates.length === 0) return { kind: 'refused', message: 'Jwt issuer is not configured' };
  let message = 'Jwt verification fails';
  let forbidden = false;
  for (const rule of candidates) {
    const set = keys(rule);
    if (set === undefined) {
      message = 'Jwks remote fetch is failed';
      continue;
    }
    try {
      const { payload } = await jwtVerify(location.value, createLocalJWKSet(set), {
        issuer: rule.issuer,
        clockTolerance: CLOCK_SKEW_S,
        currentDate: now,
        ...(rule.audiences === undefined || rule.audiences.length === 0 ? {} : { audience: [...rule.audiences] }),
      });
      return { kind: 'verified', token: tokenOf(payload, rule), rule, location };
    } catch (error) {
      if (error instanceof errors.JWTExpired) message = 'Jwt is expired';
      else if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
        message = 'Audiences in Jwt are not allowed';
        forbidden = true;
      }
    }
  }
  return { kind: 'refused', message, forbidden };
}

function tokenOf(payload: JWTPayload, rule: JwtRule): VerifiedToken {
  const claims: Record<string, unknown> = { ...payload };
  for (const name of ['scope', 'permission', ...(rule.spaceDelimitedClaims ?? [])]) {
    const value = claims[name];
    if (typeof value === 'string') claims[name] = value.split(' ').filter((part) => part !== '');
  }
  const audience = payload.aud;
  return {
    issuer: rule.issuer,
    audiences: audience === undefined ? [] : typeof audience === 'string' ? [audience] : audience,
    claims,
    ...(payload.sub === undefined ? {} : { subject: payload.sub, principal: `${rule.issuer}/${payload.sub}` }),
    ...(typeof payload.azp === 'string' ? { presenter: payload.azp } : {}),
  };
}
