// Methods that are routed alike are one route: same timeout, same retries, same safety.
// A VirtualService has retries a route, not a method, so methods are gathered by what they need.
import type { MethodModel } from '../../model/service-model.ts';
import { seconds } from '../duration-text.ts';

/** Methods with one and the same treatment. */
export interface RouteGroup {
  readonly name: string;
  readonly methods: readonly MethodModel[];
  /** The treatment; taken from the first, equal in all. */
  readonly first: MethodModel;
  /** None of them changes anything, so they may be mirrored. */
  readonly safe: boolean;
  /** Treated as the service's policy says for unary methods, so that chart values apply. */
  readonly usualTimeout: boolean;
  readonly usualRetries: boolean;
}

function treatment(method: MethodModel): string {
  const { attempts, perTryTimeout, on } = method.retries;
  return JSON.stringify([
    method.timeout ? seconds(method.timeout) : '',
    attempts,
    perTryTimeout ? seconds(perTryTimeout) : '',
    on,
    method.contract.idempotency === 'NO_SIDE_EFFECTS',
  ]);
}

function nameOf(method: MethodModel): string {
  const kind = method.streaming ? 'streams' : 'calls';
  if (method.retries.attempts === 0) return `${kind}-once`;
  return `${kind}-${method.contract.idempotency === 'NO_SIDE_EFFECTS' ? 'safe' : 'idempotent'}`;
}

/** Groups a service's methods; the overridden ones come by themselves. */
export function routeGroups(
  methods: readonly MethodModel[],
  overrides: Readonly<Record<string, { readonly timeout?: unknown; readonly retries?: unknown }>>,
): RouteGroup[] {
  const groups = new Map<string, MethodModel[]>();
  for (const method of methods) {
    const own = overrides[method.rpc];
    const key = `${treatment(method)}${own?.timeout !== undefined}${own?.retries !== undefined}`;
    groups.set(key, [...(groups.get(key) ?? []), method]);
  }
  const names = new Map<string, number>();
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (first === undefined) return [];
    const own = overrides[first.rpc];
    const base =
      own === undefined || members.length > 1 ? nameOf(first) : `${nameOf(first)}-${first.rpc.toLowerCase()}`;
    const count = (names.get(base) ?? 0) + 1;
    names.set(base, count);
    return [
      {
        name: count === 1 ? base : `${base}-${count}`,
        methods: members,
        first,
        safe: first.contract.idempotency === 'NO_SIDE_EFFECTS' && first.contract.kind === 'unary',
        usualTimeout: own?.timeout === undefined,
        usualRetries: own?.retries === undefined && own?.timeout === undefined,
      },
    ];
  });
}
