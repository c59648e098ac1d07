// Columns of the service graph: a service stands right of everybody who calls it.
// Services that nobody calls and that call nobody, but hear events, stand in the last column.
import type { ServiceModel } from '../model/service-model.ts';

/** Names by column, callers before called. */
export function layers(services: readonly ServiceModel[]): string[][] {
  const depth = new Map<string, number>();
  const visit = (name: string, at: number, path: readonly string[]): void => {
    // A cycle that is allowed has no depth of its own.
    if (path.includes(name) || (depth.get(name) ?? -1) >= at) return;
    depth.set(name, at);
    const calls = services.find((service) => service.name === name)?.calls ?? [];
    for (const call of calls) visit(call.to, at + 1, [...path, name]);
  };
  const roots = services.filter((service) => service.callers.length === 0 && service.calls.length > 0);
  for (const root of roots.length > 0 ? roots : services) visit(root.name, 0, []);
  const last = Math.max(0, ...depth.values());
  for (const service of services) if (!depth.has(service.name)) depth.set(service.name, last);
  return Array.from({ length: last + 1 }, (_, column) =>
    services.filter((service) => depth.get(service.name) === column).map((service) => service.name),
  ).filter((column) => column.length > 0);
}
