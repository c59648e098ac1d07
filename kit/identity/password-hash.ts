// Passwords as scrypt hashes (RFC 7914) in PHC form, cost parameters included, so that a later cost leaves old hashes valid.
// An unknown account costs the same work as a known one: the time of an answer does not tell whether an email is registered.
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** Cost of new hashes: 32 MiB a hash, one of the settings that OWASP's password storage sheet gives as equal. */
const cost = { log2N: 15, r: 8, p: 3 } as const;
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

/** A new hash of the password, with a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const { log2N, r, p } = cost;
  return `$scrypt$ln=${log2N},r=${r},p=${p}$${text(salt)}$${text(await derive(password, salt, cost))}`;
}

/** A hash that no password has, at the present cost: what the password of an unknown account is compared with. */
const nobody = `$scrypt$ln=${cost.log2N},r=${cost.r},p=${cost.p}$${text(randomBytes(16))}$${text(randomBytes(hashBytes))}`;

/** True when the password is the one of the hash. Without a hash the answer is false, after the same work. */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const match = pattern.exec(hash ?? nobody);
  if (match === null) throw new Error('a stored password hash is not in the form $scrypt$ln=,r=,p=$salt$hash');
  const [, log2N, r, p, salt = '', expected = ''] = match;
  const parameters = { log2N: Number(log2N), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, 'base64'), parameters);
  return timingSafeEqual(actual, Buffer.from(expected, 'base64')) && hash !== undefined;
}
