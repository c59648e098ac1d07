// The mesh's own certificate authority: one root that signs workload certificates with a SPIFFE URI as their only name.
// Keys live in memory and never reach a disk; a restart is a new root. A rotated root is trusted on until it is forgotten.

import 'reflect-metadata';
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** What a TLS endpoint of one workload needs. */
export interface WorkloadCertificate {
  readonly spiffeId: string;
  readonly cert: string;
  readonly key: string;
  /** Every root that is trusted now. */
  readonly ca: readonly string[];
  readonly notAfter: Date;
}

interface Root {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
  readonly pem: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
/** Clocks of one machine agree; this covers certificates that are checked in the second in which they were made. */
const BACKDATE_MS = 60_000;
const ROOT_LIFETIME_MS = 10 * 365 * 24 * 3_600_000;

export interface AuthorityOptions {
  readonly trustDomain: string;
  /** Lifetime of workload certificates in milliseconds. @default 86400000 (Istio's 24 h) */
  readonly lifetimeMs?: number;
}

export class CertificateAuthority {
  readonly trustDomain: string;
  readonly lifetimeMs: number;
  readonly #roots: Root[];

  private constructor(options: AuthorityOptions, root: Root) {
    this.trustDomain = options.trustDomain;
    this.lifetimeMs = options.lifetimeMs ?? 86_400_000;
    this.#roots = [root];
  }

  static async create(options: AuthorityOptions): Promise<CertificateAuthority> {
    return new CertificateAuthority(options, await newRoot(options.trustDomain));
  }

  /** PEM of every trusted root, the signing one first. */
  get trusted(): readonly string[] {
    return this.#roots.map((root) => root.pem);
  }

  /** A new root signs from now on; older ones are trusted until `forget`. */
  async rotateRoot(): Promise<void> {
    this.#roots.unshift(await newRoot(this.trustDomain));
  }

  /** Trusts the signing root alone: certificates of older roots are refused from now on. */
  forgetOldRoots(): void {
    this.#roots.splice(1);
  }

  /** @param spiffeId - the identity. @param lifetimeMs - a negative one makes an expired certificate, for tests. */
  async issue(spiffeId: string, lifetimeMs = this.lifetimeMs): Promise<WorkloadCertificate> {
    const [root] = this.#roots;
    if (root === undefined) throw new Error('the certificate authority has no root');
    const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const notAfter = new Date(Date.now() + lifetimeMs);
    const certificate = await X509CertificateGenerator.create(
      {
        serialNumber: serial(),
        issuer: root.certificate.subject,
        subject: '',
        notBefore: new Date(Math.min(Date.now(), notAfter.getTime()) - BACKDATE_MS),
        notAfter,
        signingAlgorithm: ALGORITHM,
        publicKey: keys.publicKey,
        signingKey: root.keys.privateKey,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
          // X.509-SVID: exactly one URI, and critical because the subject is empty (RFC 5280, 4.2.1.6).
          new SubjectAlternativeNameExtension([{ type: 'url', value: spiffeId }], true),
          await AuthorityKeyIdentifierExtension.create(root.keys.publicKey),
        ],
      },
      webcrypto,
    );
    return {
      spiffeId,
      cert: certificate.toString('pem'),
      key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
      ca: this.trusted,
      notAfter,
    };
  }
}

async function newRoot(trustDomain: string): Promise<Root> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serial(),
      name: `O=${trustDomain}`,
      notBefore: new Date(Date.now() - BACKDATE_MS),
      notAfter: new Date(Date.now() + ROOT_LIFETIME_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
        new SubjectAlternativeNameExtension([{ type: 'url', value: `spiffe://${trustDomain}` }]),
      ],
    },
    webcrypto,
  );
  return { certificate, keys, pem: certificate.toString('pem') };
}

function serial(): string {
  const bytes = randomBytes(16);
  // Positive, and never zero (RFC 5280, 4.1.2.2).
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return bytes.toString('hex');
}
