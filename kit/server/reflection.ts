// Server reflection, v1 and v1alpha, on the pipeline: @grpc/reflection answers, this file carries its answers.
// It and the descriptors are loaded at the first question: nobody else pays for what only tools ask.
import { fileURLToPath } from 'node:url';
import { loadContract } from '../contract/contract.ts';
import { ContractSource } from '../contract/contract-source.ts';
import { type ServedMethod, serveMethod } from './served-method.ts';

/** Answers questions; the messages of both versions are the same. */
interface Answers {
  handleServerReflectionRequest(request: object): object;
}

const folder = fileURLToPath(new URL('./protos', import.meta.url));
const healthFile = 'grpc/health/v1/health.proto';

/** The contract's files and their names, relative to `folders`. */
export interface ReflectedFiles {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** Full names of the services that are listed. */
  readonly services: readonly string[];
}

async function loadAnswers({ files, folders, services }: ReflectedFiles): Promise<Answers> {
  const [{ loadSync }, { ReflectionV1Implementation }] = await Promise.all([
    import('@grpc/proto-loader'),
    import('@grpc/reflection/build/src/implementations/reflection-v1.js'),
  ]);
  const definition = loadSync([...files, healthFile], { includeDirs: [...folders, folder], keepCase: true });
  return new ReflectionV1Implementation(definition, { services: [...services, 'grpc.health.v1.Health'] }) as Answers;
}

/** The methods of both reflection services. */
export function reflectionMethods(reflected: ReflectedFiles): ServedMethod[] {
  let answers: Promise<Answers> | undefined;
  async function* answer(requests: AsyncIterable<object>): AsyncGenerator<object> {
    answers ??= loadAnswers(reflected);
    const source = await answers;
    for await (const request of requests) yield source.handleServerReflectionRequest(request);
  }
  return ['v1', 'v1alpha'].flatMap((version) => {
    const source = new ContractSource([folder], () => `grpc/reflection/${version}/reflection.proto`);
    return loadContract(`grpc.reflection.${version}.ServerReflection`, source).methods.map((method) => {
      const open = { ...method, access: { audience: 'INTERNAL', anonymous: true, roles: [] } } as const;
      return serveMethod(open, answer, { recorded: false });
    });
  });
}
