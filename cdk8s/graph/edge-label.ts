// What an edge of the service graph says: how many methods, how long they may take, which are tried again.
// Short on the drawing, in full where there is room.
import { seconds } from '../constructs/duration-text.ts';
import type { CallModel, MethodModel, ServiceModel } from '../model/service-model.ts';

function timeoutOf(method: MethodModel): string {
  return method.timeout === undefined ? 'stream' : seconds(method.timeout);
}

/** `Charge 10s, once` or `GetPayment 2s, up to 3 tries`. */
export function methodLabel(method: MethodModel): string {
  const tries = method.retries.attempts === 0 ? 'once' : `up to ${method.retries.attempts + 1} tries`;
  return `${method.rpc} ${timeoutOf(method)}, ${tries}`;
}

/** `2 methods, 10s, once` for the drawing. */
export function edgeLabel(call: CallModel): string {
  const [first] = call.methods;
  if (first !== undefined && call.methods.length === 1) return methodLabel(first);
  const timeouts = [...new Set(call.methods.map(timeoutOf))].join(' / ');
  const again = call.methods.filter((method) => method.retries.attempts > 0).length;
  const tries = again === 0 ? 'once' : again === call.methods.length ? 'tried again' : `${again} tried again`;
  return `${call.methods.length} methods, ${timeouts}, ${tries}`;
}

/** `v1 90 % · v2 10 %`, or nothing without a canary. */
export function canaryLabel(service: ServiceModel): string {
  if (!service.canaryEnabled) return '';
  return `${service.stable} ${100 - service.canaryWeight} % · ${service.canary} ${service.canaryWeight} %`;
}

/** Edges of events: who hears what another publishes. */
export function eventEdges(services: readonly ServiceModel[]): { from: string; to: string; event: string }[] {
  return services.flatMap((consumer) =>
    (consumer.manifest.consumes ?? []).flatMap((event) =>
      services
        .filter((publisher) => publisher.manifest.publishes?.includes(event))
        .map((publisher) => ({ from: publisher.name, to: consumer.name, event: event.split('.').at(-1) ?? event })),
    ),
  );
}
