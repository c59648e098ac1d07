// `mesh route --from A --to B --method M`, or `--from ingress --path P` for a request from outside: what would happen to a call, and which rule decided. Needs nothing running.

import { readManifestFiles } from '../control/manifest-folder.ts';
import {
  formatPosition,
  grpcStatusName,
  loadRuleSet,
  type Prediction,
  predict,
  predictRequest,
} from '../rules/index.ts';
import { INGRESS } from '../rules/predict/find-workload.ts';
import { type Command, pair, requiredText, textList, textOption, UsageError, type Words } from './command.ts';
import { columns, formatMs, formatShare, type Output } from './output.ts';

export const routeCommand: Command = {
  name: 'route',
  summary: 'what would happen to a call, and which rule decided',
  help: `mesh route --from WORKLOAD --to SERVICE --method METHOD [--header name=value]... [--manifests DIR] [--json]
mesh route --from ingress --path PATH [--http METHOD] [--host HOST] [--header name=value]... [--json]

Follows one call through the rules: where it goes and in which shares, how often and how long it is tried, which faults
are injected, and whether it is let in. Nothing has to run.

  --from WORKLOAD       a service or Deployment, or "ingress" for a call from outside
  --to SERVICE          the service that is called
  --method METHOD       /package.Service/Method, or the method alone when a rule names it
  --header name=value   a request header; may stand several times
  --claim name=value    a claim of the caller's verified token; may stand several times
  --path PATH           a request from outside, by its path; host and rules say which service gets it
  --http METHOD         its HTTP method (default: GET)
  --host HOST           the host that an outside caller names (default: one that a Gateway takes)
  --port PORT           the service's port (default: its first)
  --plaintext           the caller has no sidecar
  --manifests DIR       the manifests to read (default: infra)`,
  options: {
    from: { type: 'string' },
    to: { type: 'string' },
    method: { type: 'string' },
    header: { type: 'string', multiple: true },
    claim: { type: 'string', multiple: true },
    path: { type: 'string' },
    http: { type: 'string' },
    host: { type: 'string' },
    port: { type: 'string' },
    plaintext: { type: 'boolean' },
    manifests: { type: 'string' },
  },
  async run(_positionals, options, output) {
    const path = textOption(options, 'path');
    if (path !== undefined) return await outside(path, options, output);
    const question = {
      from: requiredText(options, 'from'),
      to: requiredText(options, 'to'),
      method: requiredText(options, 'method'),
      headers: Object.fromEntries(textList(options, 'header').map(pair)),
      plaintext: options.plaintext === true,
      ...host(textOption(options, 'host')),
      ...port(textOption(options, 'port')),
      ...token(Object.fromEntries(textList(options, 'claim').map(pair))),
    };
    const rules = loadRuleSet(await readManifestFiles([textOption(options, 'manifests') ?? 'infra']));
    const prediction = predict(rules, question);
    if (options.json === true) output.json(summary(prediction));
    else {
      output.line(`${question.from} calls ${question.to} ${prediction.path}`);
      output.line(columns(rows(prediction, grpcWords)));
    }
    return 0;
  },
};

/** A request of HTTP, as a client of the outside sends it. */
async function outside(path: string, options: Words, output: Output): Promise<number> {
  if (requiredText(options, 'from') !== INGRESS)
    throw new UsageError('--path is for a request from outside: write --from ingress');
  if (!path.startsWith('/')) throw new UsageError(`--path must begin with a slash, not ${JSON.stringify(path)}`);
  const rules = loadRuleSet(await readManifestFiles([textOption(options, 'manifests') ?? 'infra']));
  const httpMethod = (textOption(options, 'http') ?? 'GET').toUpperCase();
  const prediction = predictRequest(rules, {
    path,
    httpMethod,
    headers: Object.fromEntries(textList(options, 'header').map(pair)),
    ...host(textOption(options, 'host')),
    ...token(Object.fromEntries(textList(options, 'claim').map(pair))),
  });
  if (options.json === true) output.json(summary(prediction));
  else {
    output.line(`the outside asks for ${httpMethod} ${path}`);
    output.line(columns(rows(prediction, httpWords)));
  }
  return 0;
}

/** How a status is said: a client of gRPC and one of HTTP see it differently. */
interface StatusWords {
  readonly denied: string;
  readonly status: (of: { readonly httpStatus: number; readonly grpcStatus: number }) => string;
}

const grpcWords: StatusWords = {
  denied: 'PERMISSION_DENIED',
  status: ({ grpcStatus, httpStatus }) => `${grpcStatusName(grpcStatus)} (HTTP ${httpStatus})`,
};
const httpWords: StatusWords = { denied: '403', status: ({ httpStatus }) => String(httpStatus) };

const host = (name: string | undefined) => (name === undefined ? {} : { host: name });

function port(text: string | undefined) {
  if (text === undefined) return {};
  const number = Number(text);
  if (!Number.isInteger(number)) throw new UsageError(`--port must be a number, not ${JSON.stringify(text)}`);
  return { port: number };
}

function token(claims: Readonly<Record<string, string>>) {
  if (Object.keys(claims).length === 0) return {};
  const { iss = 'issuer', sub = 'subject', aud } = claims;
  const audiences = aud === undefined ? [] : [aud];
  return { token: { issuer: iss, subject: sub, principal: `${iss}/${sub}`, audiences, claims } };
}

function rows(prediction: Prediction, words: StatusWords): [string, string][] {
  const { route, reply, destinations, retries, fault, mirrors } = prediction;
  const decided =
    route === undefined
      ? 'no rule'
      : `${route.object ?? 'no VirtualService: the default route'}, ${route.name} (${formatPosition(route.position)})`;
  const result: [string, string][] = [['decided by', decided]];
  if (reply !== undefined)
    result.push([
      'answered',
      `${words.status(reply)}, flag ${reply.flag}: ${reply.message}${reply.location === undefined ? '' : `, leads to ${reply.location}`}`,
    ]);
  for (const each of destinations) {
    result.push([
      'goes to',
      `${each.host}:${each.port}${each.subset === undefined ? '' : ` subset ${each.subset}`}, ${formatShare(each.share)}`,
    ]);
    const at = each.verdict.position === undefined ? '' : ` (${formatPosition(each.verdict.position)})`;
    result.push([
      'let in',
      `${each.verdict.allowed ? 'yes' : `no, ${words.denied}`}: ${each.verdict.because}${at}; ${each.peerMode} mTLS`,
    ]);
  }
  if (destinations.length > 0) {
    const again = retries === undefined ? 'no retries' : `retries on ${[...retries.on].join(', ')}`;
    const perTry = retries?.perTryTimeoutMs === undefined ? '' : `, ${formatMs(retries.perTryTimeoutMs)} each`;
    result.push(
      ['attempts', `at most ${prediction.attempts}: ${again}${perTry}`],
      ['timeout', formatMs(prediction.timeoutMs)],
    );
  }
  if (fault?.delay !== undefined) result.push(['delay', `${formatMs(fault.delay.ms)} for ${fault.delay.percent} %`]);
  if (fault?.abort !== undefined) result.push(['abort', `${words.status(fault.abort)} for ${fault.abort.percent} %`]);
  for (const mirror of mirrors) result.push(['mirrored', `${mirror.cluster}, ${mirror.percent} %`]);
  return result;
}

function summary({ route, ...prediction }: Prediction): unknown {
  return {
    ...prediction,
    ...(route === undefined
      ? {}
      : { decidedBy: { object: route.object ?? null, route: route.name, at: formatPosition(route.position) } }),
  };
}
