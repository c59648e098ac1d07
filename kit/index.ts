// What service authors use first, what processes, tools and tests use second.
// A manifest imports `#kit/manifest.ts` instead: cdk8s reads manifests, and must not load a server for that.

// Symbols for services.
export { applicationState } from './application-state.ts';
export { onceItWorks } from './background/once-it-works.ts';
export { repeat } from './background/repeat.ts';
export { Turnstile } from './background/turnstile.ts';
export { follow, rowsAfter } from './changes/follow.ts';
export { allPages } from './client/all-pages.ts';
export { RequestBatcher } from './client/request-batcher.ts';
export type {
  Application,
  Caller,
  CallOptions,
  Context,
  IncomingEvent,
  LogFields,
  Logger,
  OutgoingEvent,
  UnitOfWork,
  User,
} from './context.ts';
// Symbols for the rest of the platform.
export { type Codec, codecOf } from './contract/codec.ts';
export { type Contract, type ContractMethod, loadContract } from './contract/contract.ts';
export type { ContractName, Filled, Init, Message, MessageName, RpcName } from './contract/shapes.ts';
export { json } from './database/json-column.ts';
export { type Duration, milliseconds, millisecondsOf } from './duration.ts';
export { notFound } from './errors/not-found.ts';
export { failedPrecondition, invalidField } from './errors/refusals.ts';
export { type Code, type FieldViolation, RpcError } from './errors/rpc-error.ts';
export { settle } from './idempotency/settle.ts';
export { isStaff, namedUser, ownId } from './identity/named-user.ts';
export { checkEtag, etagOf } from './paging/etag.ts';
export { applyReadMask, applyUpdateMask } from './paging/field-mask.ts';
export { inOrder } from './paging/in-order.ts';
export { openPage, type Page } from './paging/page.ts';
export { aggregateOf } from './records/aggregate.ts';
export { listPage } from './records/list-page.ts';
export { recordsOf } from './records/records.ts';
export { type RunningService, type StartOptions, startService } from './run/start-service.ts';
export { recordSaga } from './saga/record-saga.ts';
export type { SagaContext, SagaFailure } from './saga/saga.ts';
export { type EventContext, implement, type RpcHandlersOf, type Service } from './service.ts';
export { unsupportedRules, validatorOf } from './validation/validator.ts';
