// Keys of a contender that is measured with TLS: paths of PEM files in the environment, set by the runner for both processes.
import { readFileSync } from 'node:fs';

const read = (variable: string): Buffer | undefined => {
  const path = process.env[variable];
  return path === undefined || path === '' ? undefined : readFileSync(path);
};

const [cert, key] = [read('BENCH_CERT'), read('BENCH_KEY')];

/** What a server proves itself with; undefined: plaintext. */
export const serverTls: { readonly cert: Buffer; readonly key: Buffer } | undefined =
  cert === undefined || key === undefined ? undefined : { cert, key };

/** What a client checks its server with (the certificate's name is `localhost`); undefined: plaintext. */
export const clientCa: Buffer | undefined = cert;
