// The room of an order over gRPC: enter, say, hear it come back, leave without a word.
import type { ContractClient } from '#kit/testing/test-client.ts';
import type { ChatResponse } from '#proto/fairlead/realtime/v1/realtime_service.ts';
import { Talker } from '../../../../../services/realtime/testing/talker.ts';
import type { Said } from './door.ts';

/** The answer to an action. @throws Error when it was refused, or the conversation ends */
async function answerTo(talker: Talker, actionId: string): Promise<ChatResponse> {
  for (;;) {
    const response = await talker.next();
    if (response.event === 'error') throw new Error(`${actionId}: ${response.error?.message}`);
    if (response.actionId === actionId) return response;
  }
}

/** See `Counter.say`. */
export async function sayToService(
  rooms: ContractClient<'fairlead.realtime.v1.RealtimeService'>,
  orderId: string,
  text: string,
  timeoutMs: number,
): Promise<Said> {
  const late = AbortSignal.timeout(timeoutMs);
  const talker = new Talker((requests, { signal }) =>
    rooms.chat(requests, { signal: AbortSignal.any([signal, late]) }),
  );
  const roomId = `orders/${orderId}`;
  try {
    talker.act({ actionId: 'join', join: { roomId, historySize: 1 } });
    await answerTo(talker, 'join');
    talker.act({ actionId: 'say', say: { roomId, text } });
    const { message } = await answerTo(talker, 'say');
    return { orderId, text: message?.text ?? '', sequence: message?.sequence ?? 0 };
  } finally {
    talker.vanish();
  }
}
