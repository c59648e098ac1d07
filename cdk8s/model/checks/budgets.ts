// Time budgets: a caller has to wait at least as long as what it calls may take, retries included.
// A shorter one gives up while the callee still works, and then tries again: the load doubles as things get slow.
import { neededMilliseconds } from '../methods.ts';
import type { MethodModel, ServiceModel } from '../service-model.ts';
import type { Problem } from '../synth-error.ts';

function tries(method: MethodModel): number {
  return method.retries.attempts === 0 || method.retries.perTryTimeout === undefined
    ? 0
    : method.retries.perTryTimeout.toMilliseconds() * (method.retries.attempts + 1);
}

function ofOneMethod(service: ServiceModel, method: MethodModel): string | undefined {
  if (method.timeout === undefined) return undefined;
  const timeout = method.timeout.toMilliseconds();
  if (tries(method) > timeout) {
    return `${method.retries.attempts + 1} tries of ${method.retries.perTryTimeout?.toMilliseconds()} ms need ${tries(method)} ms, but its timeout is ${timeout} ms`;
  }
  const called = service.calls.flatMap((call) =>
    call.methods.map((callee) => ({ name: `${call.to}/${callee.rpc}`, callee })),
  );
  if (method.covers !== undefined) {
    const parts = called.filter(({ name }) => method.covers?.includes(name));
    const needs = parts.reduce((sum, { callee }) => sum + neededMilliseconds(callee), 0);
    if (needs <= timeout) return undefined;
    return `its timeout is ${timeout} ms, but ${parts.map(({ name }) => name).join(' + ')} may take ${needs} ms with retries`;
  }
  const longest = called.toSorted((a, b) => neededMilliseconds(b.callee) - neededMilliseconds(a.callee))[0];
  if (longest === undefined || neededMilliseconds(longest.callee) <= timeout) return undefined;
  return (
    `its timeout is ${timeout} ms, but ${service.name} -> ${longest.name} may take ${neededMilliseconds(longest.callee)} ms ` +
    'with retries; raise it, or name what it calls with `covers`'
  );
}

/** Problems with timeouts along the call graph. */
export function checkBudgets(services: readonly ServiceModel[], policyFile: string): Problem[] {
  return services.flatMap((service) =>
    service.methods.flatMap((method) => {
      const message = ofOneMethod(service, method);
      const field = `methods.${method.rpc}.timeout`;
      return message === undefined ? [] : [{ file: policyFile, service: service.name, field, message }];
    }),
  );
}
