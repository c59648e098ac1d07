// Health and reflection as tools ask for them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import { CallScope } from '../calls/call-scope.ts';
import { clientClass } from '../client/client-class.ts';
import type { ClientChannel } from '../client/client-transport.ts';
import { loadContract } from '../contract/contract.ts';
import { ContractSource } from '../contract/contract-source.ts';
import { protoFolder } from '../contract/proto-root.ts';
import { RpcError } from '../errors/rpc-error.ts';
import { toRpcError } from '../errors/to-rpc-error.ts';
import { createTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { loadTransportUnderTest } from '../testing/transport-under-test.ts';
import type { Loose } from './fixtures/echo-server.ts';
import { Health } from './health.ts';
import { defaultLimits } from './limits.ts';
import { reflectionMethods } from './reflection.ts';
import { RpcServer } from './rpc-server.ts';

const protos = fileURLToPath(new URL('./protos', import.meta.url));
const served = 'fairlead.order.v1.OrderService';

describe('health and reflection', () => {
  const health = new Health([served]);
  let server: RpcServer;
  let channel: ClientChannel;
  let telemetry: Telemetry;

  before(async () => {
    telemetry = await createTelemetry({
      service: 't',
      version: 'v1',
      logLevel: 'silent',
      sampleRatio: 0,
      processMetrics: false,
    });
    const { createServer, openChannel } = await loadTransportUnderTest();
    server = new RpcServer({
      createTransport: createServer,
      limits: defaultLimits,
      recorder: telemetry.server,
      toError: toRpcError,
      caller: () => ({}),
      context: (facts) => facts,
      methods: [
        ...health.methods(),
        ...reflectionMethods({
          files: ['fairlead/order/v1/order_service.proto'],
          folders: [protoFolder],
          services: [served],
        }),
      ],
    });
    channel = openChannel(await server.listen('127.0.0.1:0'), { userAgent: 'test', proxy: false });
  });

  after(async () => {
    channel.close();
    await server.drain();
  });

  function client(service: string, file: string): Loose {
    const contract = loadContract(service, new ContractSource([protos], () => file));
    const methods = contract.methods.map(({ rpc }) => rpc);
    const Client = clientClass(contract, methods, { channel, recorder: telemetry.client, forward: () => {} });
    return new Client(new CallScope(Number.POSITIVE_INFINITY, undefined, undefined));
  }

  it('tells what is true, also before the server is open, and who asks for changes gets them', async () => {
    const probe = client('grpc.health.v1.Health', 'grpc/health/v1/health.proto');
    assert.deepEqual(await probe.check({}), { status: 'NOT_SERVING' });
    assert.deepEqual(
      await probe.check({ service: 'liveness' }),
      { status: 'SERVING' },
      'what is not ready still lives',
    );
    const watch = probe.watch({ service: served });
    assert.deepEqual((await watch.next()).value, { status: 'NOT_SERVING' });
    health.set('SERVING');
    assert.deepEqual((await watch.next()).value, { status: 'SERVING' });
    assert.deepEqual(await probe.check({ service: served }), { status: 'SERVING' });
    await watch.return();
    await assert.rejects(
      probe.check({ service: 'other' }),
      (error) => RpcError.is(error) && error.code === 'NOT_FOUND',
    );
    const unknown = probe.watch({ service: 'other' });
    assert.deepEqual((await unknown.next()).value, { status: 'SERVICE_UNKNOWN' });
    await unknown.return();
    assert.deepEqual(Object.keys((await probe.list({})).statuses).sort(), ['', served, 'liveness']);
  });

  for (const version of ['v1', 'v1alpha']) {
    it(`describes the contract over reflection ${version}`, async () => {
      const tool = client(`grpc.reflection.${version}.ServerReflection`, `grpc/reflection/${version}/reflection.proto`);
      const answers = tool.serverReflectionInfo([
        { listServices: '*' },
        { fileContainingSymbol: served },
        { fileContainingSymbol: 'no.such.Symbol' },
      ]);
      const listed = (await answers.next()).value;
      assert.deepEqual(listed.listServicesResponse.service, [{ name: served }, { name: 'grpc.health.v1.Health' }]);
      const found = (await answers.next()).value;
      const files = found.fileDescriptorResponse.fileDescriptorProto.map((bytes: Buffer) =>
        descriptor.FileDescriptorProto.decode(bytes),
      );
      const root = (protobuf.Root as Loose).fromDescriptor({ file: files });
      assert.equal(root.lookupService(served).methods.CreateOrder.requestType, '.fairlead.order.v1.CreateOrderRequest');
      assert.equal((await answers.next()).value.errorResponse.errorCode, 5);
      assert.equal((await answers.next()).done, true);
    });
  }
});
