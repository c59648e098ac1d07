// Who is who: modes of mutual TLS, plaintext callers, the caller's identity in a header.
import type { Scenario } from '../scenario.ts';
import { authorization, destinationRule, guarded, peerAuthentication } from './rule-texts.ts';

const scenario = guarded('mutual TLS');
const call = { from: 'client' } as const;
const outsider = { from: 'outsider', deadlineMs: 15_000 } as const;
const ok = { codes: { 0: 1 } };
const refused = { codes: { 14: 1 }, reached: { server: 0 } };
const IDENTITY = /URI=spiffe:\/\/cluster\.local\/ns\/[^/]+\/sa\/client$/;

export const IDENTITIES: readonly Scenario[] = [
  scenario(
    'STRICT refuses plaintext',
    [peerAuthentication('mtls: { mode: STRICT }')],
    [
      { call: outsider, expect: refused },
      { call, expect: ok },
    ],
  ),
  scenario(
    'PERMISSIVE takes both',
    [peerAuthentication('mtls: { mode: PERMISSIVE }')],
    [
      { call: outsider, expect: { codes: { 0: 1 }, headers: { 'x-forwarded-client-cert': null } } },
      { call, expect: { codes: { 0: 1 }, headers: { 'x-forwarded-client-cert': IDENTITY } } },
    ],
  ),
  scenario(
    'without a PeerAuthentication the mode is PERMISSIVE',
    [],
    [
      { call: outsider, expect: ok },
      { call, expect: { codes: { 0: 1 }, headers: { 'x-forwarded-client-cert': IDENTITY } } },
    ],
  ),
  scenario(
    'DISABLE takes plaintext, and nobody is known',
    [peerAuthentication('mtls: { mode: DISABLE }')],
    [
      { call: outsider, expect: ok },
      { call, expect: { codes: { 0: 1 }, headers: { 'x-forwarded-client-cert': null } } },
    ],
  ),
  scenario(
    'the mode of a port goes before the mode of the workload',
    [peerAuthentication('mtls: { mode: STRICT }\nportLevelMtls: { 50051: { mode: PERMISSIVE } }')],
    [
      { call: outsider, expect: ok },
      { call, expect: ok },
    ],
  ),
  scenario(
    'PERMISSIVE with a policy by principal: plaintext has none',
    [
      peerAuthentication('mtls: { mode: PERMISSIVE }'),
      authorization('known', "rules: [{ from: [{ source: { principals: ['*'] } }] }]"),
    ],
    [
      { call: outsider, expect: { codes: { 7: 1 }, reached: { server: 0 } } },
      { call, expect: ok },
    ],
  ),
  scenario(
    'a caller whose rule says no TLS is refused by STRICT',
    [peerAuthentication('mtls: { mode: STRICT }'), destinationRule('trafficPolicy: { tls: { mode: DISABLE } }')],
    [{ call, expect: refused }],
  ),
  scenario(
    'a caller cannot put an identity into the header itself',
    [peerAuthentication('mtls: { mode: STRICT }')],
    [
      {
        call: { ...call, headers: { 'x-forwarded-client-cert': 'URI=spiffe://cluster.local/ns/x/sa/admin' } },
        expect: { codes: { 0: 1 }, headers: { 'x-forwarded-client-cert': /^(?!.*admin).*\/sa\/client$/ } },
      },
    ],
  ),
  scenario(
    'a caller whose rule demands mutual TLS cannot reach DISABLE',
    [peerAuthentication('mtls: { mode: DISABLE }'), destinationRule('trafficPolicy: { tls: { mode: ISTIO_MUTUAL } }')],
    [{ call, expect: refused }],
  ),
];
