// Takes one claimed saga as far as it goes: to its end, to a pause, or until the process drains.
// Whatever was recorded is done; the step after that is repeated by whoever resumes, under the same request id.
import { v5 as uuidOf } from 'uuid';
import type { Application, ClientsOf } from '../context.ts';
import { type Duration, milliseconds } from '../duration.ts';
import { RpcError } from '../errors/rpc-error.ts';
import type { ServiceManifest } from '../manifest.ts';
import type { SagaContext, SagaDefinition, SagaEffect, SagaStep } from './saga.ts';
import { failureOf, isRefusal } from './saga-error.ts';
import type { SagaMetrics } from './saga-metrics.ts';
import { announceEnd } from './saga-signals.ts';
import { giveBack, LeaseLostError, record, type SagaRow } from './saga-store.ts';

type Definition = SagaDefinition<ServiceManifest, object>;
type Step = SagaStep<ServiceManifest, object>;
type Effect = SagaEffect<ServiceManifest>;
/** What a step gave. */
type Given = object | Effect | undefined;

/** What runs share. */
export interface SagaRunOptions {
  readonly application: Application;
  /** Clients whose calls end with the signal. @default - the application's */
  readonly clientsFor?: (signal: AbortSignal) => ClientsOf<ServiceManifest>;
  readonly owner: string;
  readonly metrics: SagaMetrics;
  /** Aborted when the runner stops. */
  readonly stopping: AbortSignal;
}

/** Namespace of the request ids of steps (RFC 9562, version 5). */
const namespace = '5f3c4a52-0d1b-5c8e-9c55-6d1a8a1f7b3e';
const defaultTimeout: Duration = '15s';
const defaultAttempts = 5;
/** Shorter pauses are waited out; for longer ones the saga is given back. */
const patienceMs = 1_000;
const longestPauseMs = 60_000;

function pauseAfter(attempt: number): number {
  return Math.min(100 * 2 ** (attempt - 1), longestPauseMs) * (0.5 + Math.random() / 2);
}

/** See the head of the file. */
export class SagaRun {
  readonly #definition: Definition;
  readonly #options: SagaRunOptions;
  #row: SagaRow;

  constructor(definition: Definition, row: SagaRow, options: SagaRunOptions) {
    this.#definition = definition;
    this.#row = row;
    this.#options = options;
  }

  /** Never rejects: what goes wrong is logged, and the saga is left to whoever claims it next. */
  async run(): Promise<void> {
    const { application, owner, stopping } = this.#options;
    const { id, name } = this.#row;
    try {
      let pause: number | undefined = 0;
      while (pause !== undefined && !stopping.aborted) {
        if (pause > patienceMs) return await giveBack(application.db, owner, id, pause);
        if (pause > 0) await application.clock.sleep(pause, stopping).catch(() => {});
        if (!stopping.aborted) pause = await this.#advance();
      }
      if (pause === undefined) announceEnd(id);
      else await giveBack(application.db, owner, id, 0);
    } catch (error) {
      if (error instanceof LeaseLostError) application.log.warn('saga was taken over', { saga: name, sagaId: id });
      else application.log.error('saga is left to the next claim', { saga: name, sagaId: id, error });
    }
  }

  /** One try of the next step. Gives the pause before the next one, in milliseconds; undefined at the end. */
  async #advance(): Promise<number | undefined> {
    const { status, step, name, id } = this.#row;
    if (status !== 'RUNNING' && status !== 'COMPENSATING') return undefined;
    const direction = status === 'RUNNING' ? 'run' : 'compensate';
    const current = this.#definition.steps[step];
    if (current === undefined) {
      if (direction === 'compensate' && step < 0) return await this.#end();
      throw new Error(`saga '${name}' has no step ${step}; steps were removed while ${id} was under way`);
    }
    const started = performance.now();
    const observe = (outcome: 'ok' | 'error'): void =>
      this.#options.metrics.step(name, current.name, { direction, outcome }, (performance.now() - started) / 1000);
    try {
      await this.#succeed(await this.#try(current, direction));
      observe('ok');
      return this.#row.status === 'COMPLETED' ? undefined : 0;
    } catch (error) {
      if (error instanceof LeaseLostError) throw error;
      // Cut short by the drain: no failure of the step.
      if (this.#options.stopping.aborted) return 0;
      observe('error');
      return await this.#fail(current, error);
    }
  }

  async #try(step: Step, direction: 'run' | 'compensate'): Promise<Given> {
    const { application, clientsFor, stopping } = this.#options;
    const over = new AbortController();
    const timeout = milliseconds(step.timeout ?? defaultTimeout);
    const signal = AbortSignal.any([stopping, over.signal]);
    const id = this.#row.id;
    const context = Object.create(application, {
      sagaId: { value: id },
      requestId: { value: uuidOf(`${id}/${step.name}/${direction}`, namespace) },
      signal: { value: signal },
      ...(clientsFor === undefined ? {} : { clients: { value: clientsFor(signal) } }),
    }) as SagaContext;
    const finished = new AbortController();
    const late = application.clock.sleep(timeout, AbortSignal.any([finished.signal, stopping])).then(
      () => {
        const error = new RpcError('DEADLINE_EXCEEDED', `step '${step.name}' took longer than ${timeout} ms`);
        over.abort(error);
        throw error;
      },
      () => (finished.signal.aborted ? undefined : Promise.reject(stopping.reason)),
    );
    try {
      const work =
        direction === 'run' ? step.run(this.#row.state, context) : step.compensate?.(this.#row.state, context);
      // A step that ignores its signal is left behind: whatever it still does happens under the same request id.
      return (await Promise.race([work, late])) ?? undefined;
    } finally {
      finished.abort();
      late.catch(() => {});
    }
  }

  async #write(row: SagaRow, effect?: Effect, kept = false): Promise<void> {
    await this.#options.application.transaction(async (unit) => {
      await effect?.(unit);
      await record(unit.db, this.#options.owner, row, kept);
    });
    this.#row = row;
  }

  async #succeed(result: Given): Promise<void> {
    const { steps } = this.#definition;
    const row = this.#row;
    const effect = typeof result === 'function' ? (result as Effect) : undefined;
    const state = effect === undefined ? { ...row.state, ...result } : row.state;
    if (row.status === 'COMPENSATING') {
      return await this.#write({ ...row, state, step: row.step - 1, attempt: 0 }, effect);
    }
    const last = row.step === steps.length - 1;
    const next: SagaRow = { ...row, state, step: row.step + 1, attempt: 0, status: last ? 'COMPLETED' : 'RUNNING' };
    await this.#write(next, async (unit) => {
      await effect?.(unit);
      if (last) await this.#definition.completed?.(state, unit);
    });
    if (last) this.#options.metrics.event(row.name, 'completed');
  }

  async #fail(step: Step, error: unknown): Promise<number | undefined> {
    const { application } = this.#options;
    const row = this.#row;
    const attempt = row.attempt + 1;
    const refused = isRefusal(error);
    application.log.warn('saga step failed', {
      saga: row.name,
      sagaId: row.id,
      step: step.name,
      status: row.status,
      attempt,
      error,
    });
    if (row.status === 'RUNNING' && (refused || attempt >= (step.attempts ?? defaultAttempts))) {
      // Refused: this step did nothing. Given up: it may have happened, so that it is undone too.
      const from = refused ? row.step - 1 : row.step;
      await this.#write({ ...row, status: 'COMPENSATING', step: from, attempt: 0, error: failureOf(step.name, error) });
      return 0;
    }
    if (row.status === 'COMPENSATING' && refused) {
      if (row.error === null && this.#nothingUndone()) return await this.#keep();
      if (step.mayStay === true && row.error !== null) {
        const facts = { saga: row.name, sagaId: row.id, step: step.name };
        application.log.error('a step of a failed saga cannot be undone and stays done', facts);
        await this.#write({ ...row, step: row.step - 1, attempt: 0 });
        return 0;
      }
    }
    await this.#write({ ...row, attempt });
    return pauseAfter(attempt);
  }

  /** Whether no step after this one had anything to undo. */
  #nothingUndone(): boolean {
    return this.#definition.steps.slice(this.#row.step + 1).every(({ compensate }) => compensate === undefined);
  }

  /** The reversal was refused: what was completed stays so. */
  async #keep(): Promise<undefined> {
    const row: SagaRow = { ...this.#row, status: 'COMPLETED', step: this.#definition.steps.length, attempt: 0 };
    await this.#write(row, async (unit) => this.#definition.kept?.(row.state, unit), true);
    this.#options.metrics.event(row.name, 'kept');
  }

  /** Everything is undone. */
  async #end(): Promise<undefined> {
    const row = this.#row;
    const failure = row.error ?? undefined;
    await this.#write({ ...row, status: 'COMPENSATED' }, async (unit) => {
      await this.#definition.compensated?.(row.state, unit, failure);
    });
    this.#options.metrics.event(row.name, 'compensated');
  }
}
