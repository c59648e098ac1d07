// `addService` as grpc-js has it, on this transport's server: handlers written for grpc-js run unmodified.
// For the hot path use `Server.handle`; this is for libraries such as grpc-health-check and @grpc/reflection.
import type {
  Server as GrpcServer,
  ServiceDefinition,
  sendUnaryData,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { Status } from '../grpc/status.ts';
import type { MethodHandler } from '../server/method-handler.ts';
import type { Server } from '../server/server.ts';
import type { ServerCall } from '../server/server-call.ts';
import { finishWith, StreamCall, UnaryCall } from './call-objects.ts';
import { fromMetadata } from './metadata-fields.ts';

type Definition = ServiceDefinition[string];
type Implementation = (call: unknown, done?: sendUnaryData<unknown>) => void;

/** Serves `definition` on `server`. A method without implementation answers UNIMPLEMENTED, as with grpc-js. */
export function addService(
  server: Server,
  definition: ServiceDefinition,
  implementation: UntypedServiceImplementation,
): void {
  for (const [name, method] of Object.entries(definition)) {
    const found = implementation[name] ?? implementation[method.originalName ?? ''];
    if (found === undefined) continue;
    const run: Implementation = found.bind(implementation) as Implementation;
    server.handle(method.path, method.requestStream ? streaming(method, run) : single(method, run));
  }
}

/** What libraries take for a grpc-js server: they only call `addService`. */
export function asGrpcServer(server: Server): GrpcServer {
  const facade = {
    addService: (definition: ServiceDefinition, implementation: UntypedServiceImplementation): void =>
      addService(server, definition, implementation),
  };
  return facade as unknown as GrpcServer;
}

/** The callback that ends a call with one response. */
function answer(call: ServerCall, method: Definition): sendUnaryData<unknown> {
  return (error, value, trailers) => {
    if (error !== null && error !== undefined) {
      finishWith(call, error, trailers);
      return;
    }
    try {
      call.reply(method.responseSerialize(value), fromMetadata(trailers));
    } catch (failure) {
      call.finish(Status.INTERNAL, `the response cannot be serialized: ${(failure as Error).message}`);
    }
  };
}

function read(call: ServerCall, method: Definition, message: Buffer): { readonly value: unknown } | undefined {
  try {
    return { value: method.requestDeserialize(message) };
  } catch (error) {
    call.finish(Status.INTERNAL, `the request cannot be deserialized: ${(error as Error).message}`);
    return undefined;
  }
}

const cancelled = (call: ServerCall): void => (call.data as UnaryCall | StreamCall | undefined)?.cancel();

function single(method: Definition, run: Implementation): MethodHandler {
  return {
    requestStream: false,
    onMessage(call, message) {
      const request = read(call, method, message);
      if (request === undefined) return;
      if (method.responseStream) {
        const sides = { readable: false, writable: true };
        const stream = new StreamCall(call, sides, method.responseSerialize, request.value);
        call.data = stream;
        run(stream);
      } else {
        const unary = new UnaryCall(call, request.value);
        call.data = unary;
        run(unary, answer(call, method));
      }
    },
    onDrain: (call) => (call.data as StreamCall).drained(),
    onCancel: cancelled,
  };
}

function streaming(method: Definition, run: Implementation): MethodHandler {
  return {
    requestStream: true,
    onCall(call) {
      const sides = { readable: true, writable: method.responseStream };
      const stream = new StreamCall(call, sides, method.responseSerialize);
      call.data = stream;
      if (method.responseStream) run(stream);
      else run(stream, answer(call, method));
    },
    onMessage(call, message) {
      const request = read(call, method, message);
      if (request !== undefined) (call.data as StreamCall).push(request.value);
    },
    onEnd: (call) => (call.data as StreamCall).push(null),
    onDrain: (call) => (call.data as StreamCall).drained(),
    onCancel: cancelled,
  };
}
