// One server process: prints its port, runs until its stdin ends. Usage: run-server.ts PEER [CERT KEY]
import { readFileSync } from 'node:fs';
import type { Peer } from './peer.ts';

const [name = 'fairlead', cert, key] = process.argv.slice(2);
const { peer } = (await import(`./peers/${name}.ts`)) as { peer: Peer };
const tls = cert && key ? { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') } : undefined;
console.log(await peer.server().listen(tls));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
