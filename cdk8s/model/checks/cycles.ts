// Cycles in the call graph: each call in one waits for the next, so a slow service comes back to itself.
// A cycle that is meant says so with `cycleWith` at one of its services.
import type { ServiceModel } from '../service-model.ts';
import type { Problem } from '../synth-error.ts';

/** Problems with cycles of calls. */
export function checkCycles(services: readonly ServiceModel[], policyFile: string): Problem[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const problems: Problem[] = [];
  const done = new Set<string>();

  function walk(name: string, path: readonly string[]): void {
    const start = path.indexOf(name);
    if (start >= 0) {
      const cycle = path.slice(start);
      const key = [...cycle].sort().join(' ');
      const allowed = cycle.some((member) =>
        byName.get(member)?.policy.cycleWith?.some((other) => cycle.includes(other)),
      );
      if (allowed || done.has(key)) return;
      done.add(key);
      const message = `a cycle of calls: ${[...cycle, name].join(' -> ')}; remove a call, or allow it with cycleWith in ${policyFile}`;
      const file = byName.get(name)?.file ?? policyFile;
      problems.push({ file, service: name, field: `calls.${cycle[1] ?? name}`, message });
      return;
    }
    if (path.length > services.length) return;
    for (const call of byName.get(name)?.calls ?? []) walk(call.to, [...path, name]);
  }

  for (const service of services) walk(service.name, []);
  return problems;
}
