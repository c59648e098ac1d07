// A certificate for `localhost`, made for one run, whose paths are handed to contenders in their environment.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Paths of PEM files, as the environment of contenders has them. */
export interface Certificate {
  readonly env: { readonly BENCH_CERT: string; readonly BENCH_KEY: string };
  remove(): void;
}

/** Makes one with the `openssl` command. */
export function makeCertificate(): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'fairlead-bench-'));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', '-x509', ...curve, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  return {
    env: { BENCH_CERT: cert, BENCH_KEY: key },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
