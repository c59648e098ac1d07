# Python's grpcio as client and server of the fourteen interoperability cases: grpcio_peer.py client|server PORT [CASE].
# Messages are built from testing.proto at run time by grpcio's own protobuf, without generated files.
import os
import sys
import time
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

F = descriptor_pb2.FieldDescriptorProto
SCHEMA = {
    "Empty": [],
    "Payload": [("type", 1, F.TYPE_INT32), ("body", 2, F.TYPE_BYTES)],
    "EchoStatus": [("code", 1, F.TYPE_INT32), ("message", 2, F.TYPE_STRING)],
    "SimpleRequest": [("response_size", 2, F.TYPE_INT32), ("payload", 3, "Payload"), ("response_status", 7, "EchoStatus")],
    "SimpleResponse": [("payload", 1, "Payload")],
    "StreamingInputCallRequest": [("payload", 1, "Payload")],
    "StreamingInputCallResponse": [("aggregated_payload_size", 1, F.TYPE_INT32)],
    "ResponseParameters": [("size", 1, F.TYPE_INT32), ("interval_us", 2, F.TYPE_INT32)],
    "StreamingOutputCallRequest": [("response_parameters", 2, "*ResponseParameters"), ("payload", 3, "Payload"), ("response_status", 7, "EchoStatus")],
    "StreamingOutputCallResponse": [("payload", 1, "Payload")],
}


def build():
    file = descriptor_pb2.FileDescriptorProto(name="testing.proto", package="grpc.testing", syntax="proto3")
    for name, fields in SCHEMA.items():
        message = file.message_type.add(name=name)
        for label, number, kind in fields:
            field = message.field.add(name=label, number=number, label=F.LABEL_OPTIONAL)
            if isinstance(kind, str):
                if kind.startswith("*"):
                    field.label = F.LABEL_REPEATED
                field.type = F.TYPE_MESSAGE
                field.type_name = ".grpc.testing." + kind.lstrip("*")
            else:
                field.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {n: message_factory.GetMessageClass(pool.FindMessageTypeByName("grpc.testing." + n)) for n in SCHEMA}


M = build()
METHODS = {
    "EmptyCall": ("unary_unary", "Empty", "Empty"),
    "UnaryCall": ("unary_unary", "SimpleRequest", "SimpleResponse"),
    "StreamingOutputCall": ("unary_stream", "StreamingOutputCallRequest", "StreamingOutputCallResponse"),
    "StreamingInputCall": ("stream_unary", "StreamingInputCallRequest", "StreamingInputCallResponse"),
    "FullDuplexCall": ("stream_stream", "StreamingOutputCallRequest", "StreamingOutputCallResponse"),
    "UnimplementedCall": ("unary_unary", "Empty", "Empty"),
}
SIZES = [(31415, 27182), (9, 8), (2653, 1828), (58979, 45904)]
SPECIAL = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"
INITIAL, TRAILING = "x-grpc-test-echo-initial", "x-grpc-test-echo-trailing-bin"


def echo(context):
    given = dict(context.invocation_metadata())
    if INITIAL in given:
        context.send_initial_metadata(((INITIAL, given[INITIAL]),))
    if TRAILING in given:
        context.set_trailing_metadata(((TRAILING, given[TRAILING]),))


def sized(name, size):
    return M[name](payload=M["Payload"](body=bytes(size)))


def unary_call(request, context):
    echo(context)
    if request.response_status.code:
        code = [c for c in grpc.StatusCode if c.value[0] == request.response_status.code][0]
        context.abort(code, request.response_status.message)
    return sized("SimpleResponse", request.response_size)


def outputs(request, context):
    if request.response_status.code:
        code = [c for c in grpc.StatusCode if c.value[0] == request.response_status.code][0]
        context.abort(code, request.response_status.message)
    for wanted in request.response_parameters:
        time.sleep(wanted.interval_us / 1e6)
        yield sized("StreamingOutputCallResponse", wanted.size)


def full_duplex(requests, context):
    echo(context)
    for request in requests:
        yield from outputs(request, context)


def total(requests, context):
    return M["StreamingInputCallResponse"](aggregated_payload_size=sum(len(r.payload.body) for r in requests))


def serve(port):
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    behaviours = {
        "EmptyCall": lambda request, context: M["Empty"](),
        "UnaryCall": unary_call,
        "StreamingOutputCall": outputs,
        "StreamingInputCall": total,
        "FullDuplexCall": full_duplex,
    }
    handlers = {}
    for name, run in behaviours.items():
        kind, request, response = METHODS[name]
        make = getattr(grpc, kind + "_rpc_method_handler")
        handlers[name] = make(run, M[request].FromString, M[response].SerializeToString)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("grpc.testing.TestService", handlers),))
    server.add_insecure_port("127.0.0.1:" + port)
    server.start()
    server.wait_for_termination()


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def code_of(run):
    try:
        run()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call did not fail")


def client(port, case):
    channel = grpc.insecure_channel("127.0.0.1:" + port)

    def stub(name, service="TestService"):
        kind, request, response = METHODS[name]
        path = "/grpc.testing.%s/%s" % (service, name)
        return getattr(channel, kind)(path, M[request].SerializeToString, M[response].FromString)

    def output(size, given, interval=0):
        request = sized("StreamingOutputCallRequest", given)
        request.response_parameters.add(size=size, interval_us=interval)
        return request

    failing = M["EchoStatus"](code=2, message="test status message")
    if case == "empty_unary":
        stub("EmptyCall")(M["Empty"]())
    elif case == "large_unary":
        request = sized("SimpleRequest", 271828)
        request.response_size = 314159
        check(len(stub("UnaryCall")(request).payload.body) == 314159, "size")
    elif case == "client_streaming":
        answer = stub("StreamingInputCall")(iter([sized("StreamingInputCallRequest", n) for _, n in SIZES]))
        check(answer.aggregated_payload_size == 74922, "sum")
    elif case == "server_streaming":
        request = M["StreamingOutputCallRequest"]()
        for size, _ in SIZES:
            request.response_parameters.add(size=size)
        check([len(r.payload.body) for r in stub("StreamingOutputCall")(request)] == [s for s, _ in SIZES], "sizes")
    elif case == "ping_pong":
        answers = stub("FullDuplexCall")(iter([output(*pair) for pair in SIZES]))
        check([len(r.payload.body) for r in answers] == [s for s, _ in SIZES], "sizes")
    elif case == "empty_stream":
        check(list(stub("FullDuplexCall")(iter([]))) == [], "nothing")
    elif case == "timeout_on_sleeping_server":
        error = code_of(lambda: list(stub("FullDuplexCall")(iter([output(31415, 27182, 50000)]), timeout=0.001)))
        check(error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error)
    elif case == "cancel_after_begin":
        call = stub("StreamingInputCall").future(iter(lambda: time.sleep(0.2) or sized("StreamingInputCallRequest", 1), None))
        call.cancel()
        check(call.cancelled(), "cancelled")
    elif case == "cancel_after_first_response":
        answers = stub("FullDuplexCall")(iter([output(31415, 27182)] * 3))
        next(answers)
        answers.cancel()
        check(code_of(lambda: list(answers)).code() == grpc.StatusCode.CANCELLED, "cancelled")
    elif case == "status_code_and_message":
        error = code_of(lambda: stub("UnaryCall")(M["SimpleRequest"](response_status=failing)))
        check((error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, "test status message"), error)
        error = code_of(lambda: list(stub("FullDuplexCall")(iter([M["StreamingOutputCallRequest"](response_status=failing)]))))
        check((error.code(), error.details()) == (grpc.StatusCode.UNKNOWN, "test status message"), error)
    elif case == "special_status_message":
        request = M["SimpleRequest"](response_status=M["EchoStatus"](code=2, message=SPECIAL))
        check(code_of(lambda: stub("UnaryCall")(request)).details() == SPECIAL, "text")
    elif case == "custom_metadata":
        given = ((INITIAL, "test_initial_metadata_value"), (TRAILING, b"\xab\xab\xab"))
        _, call = stub("UnaryCall").with_call(sized("SimpleRequest", 1), metadata=given)
        check(dict(call.initial_metadata())[INITIAL] == "test_initial_metadata_value", "initial")
        check(dict(call.trailing_metadata())[TRAILING] == b"\xab\xab\xab", "trailing")
    elif case in ("unimplemented_method", "unimplemented_service"):
        service = "TestService" if case.endswith("method") else "UnimplementedService"
        error = code_of(lambda: stub("UnimplementedCall", service)(M["Empty"]()))
        check(error.code() == grpc.StatusCode.UNIMPLEMENTED, error)
    else:
        sys.exit(2)
    channel.close()


if __name__ == "__main__":
    if sys.argv[1] == "server":
        serve(sys.argv[2])
    else:
        client(sys.argv[2], sys.argv[3])
    sys.stdout.flush()
    os._exit(0)
