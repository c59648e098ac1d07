// Table 3: what the laptop mesh costs, measured by its own benchmark (`npm run bench:mesh`), whose table is taken over as it is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Plan } from '../harness/compare.ts';

/** The mesh's table, and what is known of Envoy's. */
export async function meshTable(plan: Plan): Promise<string> {
  plan.tell('laptop mesh: direct and through the mesh');
  const main = fileURLToPath(new URL('../mesh/main.ts', import.meta.url));
  const seconds = String(Math.max(1, Math.round(plan.measureMs / 1000)));
  const child = spawn(process.execPath, [main, '--seconds', seconds, '--rounds', String(plan.rounds)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`bench/mesh/main.ts ended with code ${code}; its output above says why`);
  // The first line says date and machine, which the page says already.
  return text.split('\n').slice(1).join('\n').trim();
}
