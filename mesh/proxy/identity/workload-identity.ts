// One workload's certificate, renewed at half of its life, and the TLS contexts made of it.
// Who uses a context asks again for each handshake; connections made before a renewal are drained by their owners.

import { createSecureContext, type SecureContext } from 'node:tls';
import type { CertificateAuthority, WorkloadCertificate } from './certificate-authority.ts';

/** The longest that a timer of Node can wait, less a little. */
const LONGEST_TIMER_MS = 2_000_000_000;

export class WorkloadIdentity {
  readonly spiffeId: string;
  readonly #authority: CertificateAuthority;
  readonly #listeners = new Set<() => void>();
  #certificate: WorkloadCertificate;
  #context: SecureContext;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(authority: CertificateAuthority, certificate: WorkloadCertificate) {
    this.spiffeId = certificate.spiffeId;
    this.#authority = authority;
    this.#certificate = certificate;
    this.#context = contextOf(certificate);
    this.#schedule();
  }

  static async create(authority: CertificateAuthority, spiffeId: string): Promise<WorkloadIdentity> {
    return new WorkloadIdentity(authority, await authority.issue(spiffeId));
  }

  get context(): SecureContext {
    return this.#context;
  }

  get certificate(): WorkloadCertificate {
    return this.#certificate;
  }

  /** Called after each renewal. The answer stops it. */
  onRenewed(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async renew(): Promise<void> {
    const certificate = await this.#authority.issue(this.spiffeId);
    if (this.#closed) return;
    this.#certificate = certificate;
    this.#context = contextOf(certificate);
    this.#schedule();
    for (const listener of this.#listeners) listener();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    const wait = Math.max(1000, (this.#certificate.notAfter.getTime() - Date.now()) / 2);
    this.#timer = setTimeout(() => void this.renew().catch(() => this.#schedule()), Math.min(wait, LONGEST_TIMER_MS));
    this.#timer.unref();
  }
}

function contextOf({ cert, key, ca }: WorkloadCertificate): SecureContext {
  return createSecureContext({ cert, key, ca: [...ca], minVersion: 'TLSv1.3' });
}
