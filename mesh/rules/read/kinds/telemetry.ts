// Istio's Telemetry (telemetry.istio.io/v1): access logs, trace sampling and metric overrides.

import { anything, duration, flag, oneOf, text } from '../scalars.ts';
import { approximated, list, mapOf, notApplied, object, required, scalar, type ValueOf } from '../shape.ts';

const providers = list(object({ name: required(text) }));
const percentage = scalar<number>((value) =>
  typeof value === 'number' && value >= 0 && value <= 100 ? { value } : 'must be a number from 0 to 100',
);
const workloadMode = oneOf('CLIENT_AND_SERVER', 'CLIENT', 'SERVER');
const NO_WAYPOINT = 'targetRefs attach to waypoints and Gateway API objects, which the laptop mesh does not have';

export const telemetry = object({
  selector: object({ matchLabels: mapOf(text) }),
  targetRef: notApplied(anything, NO_WAYPOINT),
  targetRefs: notApplied(anything, NO_WAYPOINT),
  tracing: list(
    object({
      match: approximated(object({ mode: workloadMode }), 'both sides report alike'),
      providers: notApplied(providers, 'spans go where the launcher says'),
      randomSamplingPercentage: percentage,
      disableSpanReporting: flag,
      customTags: notApplied(anything, 'spans carry the standard attributes'),
      enableIstioTags: notApplied(flag, 'spans carry the standard attributes'),
      useRequestIdForTraceSampling: notApplied(flag, 'sampling follows the trace context'),
      disableContextPropagation: notApplied(flag, 'the trace context is always passed on'),
    }),
  ),
  metrics: list(
    object({
      providers: notApplied(providers, 'metrics are served for Prometheus'),
      overrides: list(
        object({
          match: object({
            metric: oneOf(
              'ALL_METRICS',
              'REQUEST_COUNT',
              'REQUEST_DURATION',
              'REQUEST_SIZE',
              'RESPONSE_SIZE',
              'TCP_OPENED_CONNECTIONS',
              'TCP_CLOSED_CONNECTIONS',
              'TCP_SENT_BYTES',
              'TCP_RECEIVED_BYTES',
              'GRPC_REQUEST_MESSAGES',
              'GRPC_RESPONSE_MESSAGES',
            ),
            customMetric: notApplied(text, "only Istio's standard metrics are served"),
            mode: approximated(workloadMode, 'both sides report alike'),
          }),
          disabled: approximated(flag, 'switches the metric off for every workload'),
          tagOverrides: notApplied(anything, 'the standard labels are served'),
        }),
      ),
      reportingInterval: notApplied(duration, 'metrics are always current'),
    }),
  ),
  accessLogging: list(
    object({
      match: object({ mode: workloadMode }),
      providers: notApplied(providers, "the access log is JSON lines in the mesh's state folder"),
      disabled: flag,
      filter: notApplied(object({ expression: text }), 'CEL filters are not evaluated: every call is logged'),
    }),
  ),
});

export type Telemetry = ValueOf<typeof telemetry>;
