// An honest caller of HTTP/1.1: asks Fairlead's gateway for a product, on one connection that it keeps.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

export class ProductCaller {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  /** Asks, and checks the answer. @param port where the gateway is reached */
  async call(port: number): Promise<void> {
    const id = randomUUID();
    const { status, text } = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const asked = request(
        { port, host: '127.0.0.1', path: `/api/v2/products/${id}`, agent: this.#agent, timeout: 10_000 },
        (answer) => {
          let all = '';
          answer.setEncoding('utf8').on('data', (part: string) => {
            all += part;
          });
          answer.on('end', () => resolve({ status: answer.statusCode, text: all }));
        },
      );
      asked.on('error', reject);
      asked.on('timeout', () => asked.destroy(new Error('no answer in 10 s')));
      asked.end();
    });
    assert.equal(status, 200, text);
    assert.ok(text.includes(id));
  }

  close(): void {
    this.#agent.destroy();
  }
}
