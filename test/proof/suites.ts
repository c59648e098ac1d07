// The suites of `npm run proof`, in the order in which they run. To add one: its program (or its tests, by `npm test`'s
// words), the tool that judges, and the tools that have to be there. A program ends its output with `tally(passed, total)`.
import type { ToolName } from '../transport/tools.ts';

/** One suite. */
export interface Suite {
  /** Unique; words of the command line choose by parts of it. */
  readonly name: string;
  /** Whose suite it is, for the table. */
  readonly tool: string;
  /** A program and its parameters, from the project's folder; `test/run.ts` for tests. */
  readonly command: readonly [string, ...string[]];
  /** What the kit runs on. @default - the kit's default */
  readonly transport?: 'fairlead' | 'grpc-js';
  /** Further environment. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node. @default [] */
  readonly node?: readonly string[];
  /** Tools that have to be installed. @default [] */
  readonly needs?: readonly ToolName[];
  /** Takes `--runs N` and `--seed S`. @default false */
  readonly seeded?: boolean;
  /** Too long for CI, which runs `npm run proof -- --bounded`. @default false */
  readonly long?: boolean;
}

const transports = ['fairlead', 'grpc-js'] as const;
const modes = ['server', 'client'] as const;

const conformance = modes.flatMap((mode): Suite[] => {
  const suite = { tool: 'connectrpc conformance 1.0.6', needs: ['connectconformance'] } as const;
  const program = 'test/transport/conformance/run.ts';
  return [
    { ...suite, name: `transport: conformance, ${mode}`, command: [program, mode] },
    ...transports.map((transport): Suite => {
      const name = `kit on ${transport}: conformance, ${mode}`;
      return { ...suite, name, transport, command: [program, mode, '--kit'] };
    }),
  ];
});

/** All of them; `npm test` has a share. */
const attacks = { tool: 'raw HTTP/2 frames', node: ['--test'], env: { FAIRLEAD_ATTACKS: 'all' } } as const;

export const suites: readonly Suite[] = [
  ...conformance,
  { name: 'transport: h2spec', tool: 'h2spec 2.2.1', command: ['test/transport/h2spec.ts'], needs: ['h2spec'] },
  ...transports.map(
    (transport): Suite => ({
      name: `kit on ${transport}: h2spec`,
      tool: 'h2spec 2.2.1',
      command: ['test/proof/h2spec/run.ts'],
      transport,
      needs: ['h2spec'],
    }),
  ),
  {
    name: 'transport: grpc interop, seven pairings',
    tool: 'grpc-go, grpcio, grpc-js',
    command: ['test/transport/interop/run.ts'],
    needs: ['interop client', 'interop server', 'grpcio'],
  },
  ...transports.map(
    (transport): Suite => ({
      name: `kit on ${transport}: grpc interop, four pairings`,
      tool: 'grpc-go',
      command: ['test/proof/interop/run.ts'],
      transport,
      needs: ['interop client', 'interop server'],
    }),
  ),
  {
    name: 'transport: Envoy between client and server',
    tool: 'Envoy',
    command: ['test/transport/envoy.ts'],
    needs: ['envoy'],
  },
  {
    name: 'transport: soak',
    tool: 'mixed calls for 20 s',
    command: ['test/transport/soak.ts'],
    node: ['--expose-gc'],
  },
  { ...attacks, name: 'transport: attacks', command: ['test/transport/attacks/attacks.test.ts'] },
  ...transports.map(
    (transport): Suite => ({
      ...attacks,
      name: `kit on ${transport}: attacks on a service`,
      command: ['test/proof/attacks/service.test.ts'],
      transport,
      long: true,
    }),
  ),
  {
    ...attacks,
    name: 'gateway: attacks',
    tool: 'raw HTTP/1.1',
    command: ['test/proof/attacks/gateway.test.ts'],
    long: true,
  },
  {
    ...attacks,
    name: 'mesh edge: attacks',
    tool: 'raw HTTP/1.1, HTTP/2 frames',
    command: ['test/proof/attacks/edge.test.ts'],
    long: true,
  },
  { ...attacks, name: 'mesh: attacks', command: ['test/proof/attacks/mesh.test.ts'], long: true },
  { name: 'fuzz: requests and rule sets', tool: 'fast-check', command: ['test/proof/fuzz/main.ts'], seeded: true },
  {
    name: 'order histories',
    tool: 'kill -9, twenty-one invariants',
    command: ['test/proof/histories/main.ts'],
    seeded: true,
    long: true,
  },
];
