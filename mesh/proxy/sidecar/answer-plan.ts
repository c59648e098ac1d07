// The plan of a call that goes nowhere: it is answered by the mesh, and only reported.

import type { HeaderList } from '#transport';
import { type LocalReply, localReply } from '../../rules/index.ts';
import type { Plan } from '../call/plan.ts';
import type { ProxiedCall } from '../call/proxied-call.ts';
import { NO_FIELDS, type ReplyFields } from '../call/send-reply.ts';

export class AnswerPlan implements Plan {
  readonly timeoutMs = 0;
  readonly callerDeadline = false;
  readonly retries = undefined;
  readonly replyFields: ReplyFields;
  readonly #ended: (call: ProxiedCall) => void;

  constructor(ended: (call: ProxiedCall) => void, replyFields: ReplyFields = NO_FIELDS) {
    this.#ended = ended;
    this.replyFields = replyFields;
  }

  acquire(): LocalReply {
    return localReply(503, 'no healthy upstream', 'UH');
  }

  release(): void {}

  enterRetry(): boolean {
    return false;
  }

  leaveRetry(): void {}

  enterPending(): boolean {
    return true;
  }

  leavePending(): void {}

  requestHeaders(call: ProxiedCall): readonly string[] {
    return call.head.list;
  }

  responseHeaders(_call: ProxiedCall, headers: HeaderList): readonly string[] {
    return headers;
  }

  attemptEnded(): void {}

  ended(call: ProxiedCall): void {
    this.#ended(call);
  }
}
