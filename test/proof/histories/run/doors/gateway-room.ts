// The room of an order over a WebSocket of the gateway: enter, say, hear it come back, leave without a word.
import { on, once } from 'node:events';
import { WebSocket } from 'ws';
import type { Said } from './door.ts';

interface Frame {
  readonly actionId?: string;
  readonly history?: object;
  /** 64 bits are text in JSON. */
  readonly message?: { readonly text: string; readonly sequence: string | number };
  readonly error?: { readonly message: string };
}

/** See `Counter.say`. @throws Error when it was refused, or the conversation ends */
export async function sayToGateway(
  gateway: string,
  token: string,
  orderId: string,
  text: string,
  timeoutMs: number,
): Promise<Said> {
  const signal = AbortSignal.timeout(timeoutMs);
  const headers = { authorization: `Bearer ${token}` };
  const socket = new WebSocket(`${gateway.replace('http', 'ws')}/api/v2/realtime`, { headers });
  const roomId = `orders/${orderId}`;
  const send = (action: object): void => socket.send(JSON.stringify(action));
  // What goes wrong is told by whoever waits.
  socket.on('error', () => {});
  try {
    await once(socket, 'open', { signal });
    const frames = on(socket, 'message', { close: ['close'], signal });
    send({ actionId: 'join', join: { roomId, historySize: 1 } });
    for await (const [data] of frames) {
      const { actionId, history, message, error } = JSON.parse(String(data)) as Frame;
      if (error !== undefined) throw new Error(`${actionId}: ${error.message}`);
      if (actionId === 'join' && history !== undefined) send({ actionId: 'say', say: { roomId, text } });
      if (actionId === 'say' && message !== undefined) {
        return { orderId, text: message.text, sequence: Number(message.sequence) };
      }
    }
    throw new Error('the conversation has ended');
  } finally {
    socket.terminate();
  }
}
