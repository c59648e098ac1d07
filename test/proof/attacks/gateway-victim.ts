// The gateway as a process of its own, under attack or behind an edge that is; behind it a catalog that remembers which products
// it was asked for.
import { startGateway } from '../../../services/gateway/gateway.fixture.ts';
import { answerLooks } from '../../transport/attacks/siege.ts';

const asked = new Set<string>();
const plenty = { GATEWAY_ADDRESS_REQUESTS: '1000000000', GATEWAY_PRINCIPAL_REQUESTS: '1000000000' };
const { LISTEN } = process.env;
const behind = LISTEN === undefined ? {} : { GATEWAY_LISTEN: LISTEN, GATEWAY_TRUSTED_PROXIES: '1' };
const gateway = await startGateway(
  {
    catalog: {
      async getProduct({ productId }) {
        asked.add(productId);
        return { product: { productId } };
      },
    },
    user: {
      async login({ email }) {
        asked.add(email);
        return {};
      },
    },
  },
  { ...plenty, ...behind, LOG_LEVEL: 'silent' },
);
console.log(JSON.stringify({ port: Number(new URL(gateway.url).port) }));
answerLooks(() => ({ asked: [...asked] }));
