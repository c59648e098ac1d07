// Every scenario, in the order of the report.
import type { Scenario } from '../scenario.ts';
import { EDGE_CORS } from './edge/cors.ts';
import { EDGE_GRPC } from './edge/grpc.ts';
import { EDGE_HTTP } from './edge/http.ts';
import { EDGE_RESILIENCE } from './edge/resilience.ts';
import { EDGE_ROUTING } from './edge/routing.ts';
import { EDGE_SECURITY } from './edge/security.ts';
import { IDENTITIES } from './identity.ts';
import { RESILIENCE } from './resilience.ts';
import { ROUTING } from './routing.ts';
import { SECURITY } from './security.ts';
import { SHARING } from './sharing.ts';
import { STREAMS } from './streams.ts';
import { TOKENS } from './token-rules.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...ROUTING,
  ...SHARING,
  ...RESILIENCE,
  ...STREAMS,
  ...IDENTITIES,
  ...SECURITY,
  ...TOKENS,
  ...EDGE_ROUTING,
  ...EDGE_RESILIENCE,
  ...EDGE_SECURITY,
  ...EDGE_HTTP,
  ...EDGE_GRPC,
  ...EDGE_CORS,
];
