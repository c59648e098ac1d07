// Every scenario, in the order of the report.
import type { Scenario } from '../scenario.ts';
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
];
