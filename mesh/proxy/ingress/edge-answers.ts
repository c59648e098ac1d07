// What an edge writes into answers, over what a service wrote there: its own name, and how long the service took.
// Sources: Istio's default server_name and server_header_transformation (OVERWRITE); Envoy's router, which writes
// x-envoy-upstream-service-time.

import type { EdgeAnswers } from '../sidecar/outbound-plan.ts';

const SERVER = 'server';
const NAME = 'istio-envoy';
const SERVICE_TIME = 'x-envoy-upstream-service-time';

export const EDGE_ANSWERS: EdgeAnswers = {
  replyFields: [[SERVER, NAME]],
  answerFields(headers, serviceMs) {
    const out: string[] = [];
    for (let i = 0; i < headers.length; i += 2) {
      const name = headers[i] ?? '';
      if (name !== SERVER && name !== SERVICE_TIME) out.push(name, headers[i + 1] ?? '');
    }
    out.push(SERVICE_TIME, String(Math.round(serviceMs)), SERVER, NAME);
    return out;
  },
};
