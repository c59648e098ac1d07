// Passwords as scrypt hashes (RFC 7914) in PHC form, cost parameters included, so that a later cost leaves old hashes valid.
// An unknown account costs the same work as a known one: the time of an answer does not tell whether an email is registered.
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * Cost of new hashes as log2 of scrypt's N, with r = 8 and p = 3: 2^15 takes 32 MiB, one of the settings that OWASP's
 * password storage sheet gives as equal. One more doubles memory and time.
 */
export const passwordCost = 15;
const parallel = { r: 8, p: 3 } as const;
const hashBytes = 32;
const pattern = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function derive(password: string, salt: Buffer, { log2N, r, p }: { log2N: number; r: number; p: number }) {
  const N = 2 ** log2N;
  const options: ScryptOptions = { N, r, p, maxmem: 128 * r * (N + p) + 1024 * 1024 };
  return new Promise<Buffer>((resolve, reject) => {
    // NFKC: the same password typed on two keyboards is one password (RFC 8265).
    scrypt(password.normalize('NFKC'), salt, hashBytes, options, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}

const text = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

function phc(log2N: number, salt: Buffer, key: Buffer): string {
  return `$scrypt$ln=${log2N},r=${parallel.r},p=${parallel.p}$${text(salt)}$${text(key)}`;
}

/** A new hash of the password, with a salt of its own. */
export async function hashPassword(password: string, log2N: number = passwordCost): Promise<string> {
  const salt = randomBytes(16);
  return phc(log2N, salt, await derive(password, salt, { log2N, ...parallel }));
}

/**
 * True when the password is the one of the hash. Without a hash the answer is false, after the work of a hash that cost
 * `log2N`.
 */
export async function isPassword(
  password: string,
  hash: string | undefined,
  log2N: number = passwordCost,
): Promise<boolean> {
  const stored = hash ?? phc(log2N, randomBytes(16), randomBytes(hashBytes));
  const match = pattern.exec(stored);
  if (match === null) throw new Error('a stored password hash is not in the form $scrypt$ln=,r=,p=$salt$hash');
  const [, ln, r, p, salt = '', expected = ''] = match;
  const parameters = { log2N: Number(ln), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, 'base64'), parameters);
  return timingSafeEqual(actual, Buffer.from(expected, 'base64')) && hash !== undefined;
}
