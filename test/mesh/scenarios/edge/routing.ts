// Where requests from outside go: hosts of Gateway and VirtualService, matches, rewrites, answers of the gateway itself.
import type { Request, RequestStep, Scenario, Verdict } from '../../scenario.ts';
import { edge, gateway, toWeb, web } from './edge-rules.ts';

const scenario = edge('edge routing');
const v1: Verdict = { codes: { 200: 1 }, instances: { 'server-v1': 1 } };
const v2: Verdict = { codes: { 200: 1 }, instances: { 'server-v2': 1 } };
const nobody: Verdict = { codes: { 404: 1 }, body: '', reached: { server: 0 } };
const both = (match: string): string => `- match: ${match}\n  route: [${web('v2')}]\n${toWeb}`;
const step = (request: Request, expect: Verdict): RequestStep => ({ request, expect });
const get = (target: string, expect: Verdict): RequestStep => step({ target }, expect);
const host = (name: string | null, expect: Verdict): RequestStep => step({ host: name }, expect);
/** The path as the service sees it. */
const asks = (target: string, seen: string): RequestStep =>
  get(target, { codes: { 200: 1 }, headers: { ':path': seen } });
const leads = (target: string, code: number, location: RegExp): RequestStep =>
  get(target, { codes: { [code]: 1 }, responseHeaders: { location }, body: '', reached: { server: 0 } });

export const EDGE_ROUTING: readonly Scenario[] = [
  scenario(
    'hosts by name and by wildcard, and no others',
    toWeb,
    [
      step({}, { ...v1, headers: { host: /^[^:]+\.parity\.test$/ } }),
      host('SERVER.parity.test:8080', { ...v1, headers: { host: /\.parity\.test:8080$/ } }),
      host('SERVER.PARITY.test', v1),
      host('a.SERVER.parity.test', v1),
      host('a.b.SERVER.parity.test', v1),
      host('nobody.parity.test', nobody),
      host('SERVER.NAMESPACE.svc.cluster.local', nobody),
      host('10.0.0.1', nobody),
    ],
    { hosts: ['SERVER.parity.test', '*.SERVER.parity.test'] },
  ),
  scenario(
    'a host that a Gateway takes and no VirtualService routes',
    toWeb,
    [host('idle.SERVER.parity.test', nobody), step({}, v1)],
    { hosts: ['SERVER.parity.test', 'idle.SERVER.parity.test'], routed: ['SERVER.parity.test'] },
  ),
  scenario(
    'a host of another Gateway than the one to which its VirtualService is bound',
    toWeb,
    [host('other.SERVER.parity.test', nobody), step({}, v1)],
    {
      hosts: ['SERVER.parity.test'],
      routed: ['SERVER.parity.test', '*.SERVER.parity.test'],
      more: [gateway(['other.SERVER.parity.test'], 'SERVER-other')],
    },
  ),
  scenario(
    'a Gateway says whose VirtualServices may take its hosts',
    toWeb,
    [
      host('own.SERVER.parity.test', v1),
      host('named.SERVER.parity.test', v1),
      host('any.SERVER.parity.test', v1),
      host('elsewhere.SERVER.parity.test', nobody),
    ],
    {
      hosts: [
        './own.SERVER.parity.test',
        'NAMESPACE/named.SERVER.parity.test',
        '*/any.SERVER.parity.test',
        'elsewhere/elsewhere.SERVER.parity.test',
      ],
      routed: ['*.SERVER.parity.test'],
    },
  ),
  scenario(
    'a VirtualService for every host is one for the hosts of its Gateway',
    toWeb,
    [step({}, v1), host('other.SERVER.parity.test', nobody)],
    { routed: ['*'] },
  ),
  scenario(
    'paths by prefix, as a whole and by regular expression, first match first',
    [
      `- match: [{ uri: { exact: /a/b } }, { uri: { regex: '/[0-9]+' } }]\n  route: [${web('v2')}]`,
      `- match: [{ uri: { prefix: /a } }]\n  route: [${web('v1')}]`,
    ].join('\n'),
    [
      get('/a/b', v2),
      get('/a/b?c=d', v2),
      get('/a/b/', v1),
      get('/abc', v1),
      get('/123', v2),
      get('/123a', nobody),
      get('/A', nobody),
      get('/', nobody),
    ],
  ),
  scenario('a path without regard to case', both('[{ uri: { prefix: /Cart }, ignoreUriCase: true }]'), [
    get('/cart/1', v2),
    get('/CART', v2),
    get('/car', v1),
  ]),
  scenario('methods', both('[{ method: { exact: PUT } }, { method: { regex: "DEL.*" } }]'), [
    step({ method: 'PUT' }, { ...v2, headers: { ':method': 'PUT' } }),
    step({ method: 'DELETE' }, { ...v2, headers: { ':method': 'DELETE' } }),
    step({ method: 'OPTIONS' }, v1),
    step({}, v1),
  ]),
  scenario('headers', both('[{ headers: { x-user: { prefix: t- } }, withoutHeaders: { x-old: {} } }]'), [
    step({ headers: { 'X-User': 't-ann' } }, v2),
    step({ headers: { 'x-user': 't-ann', 'x-old': '1' } }, v1),
    step({ headers: { 'x-user': 'ann' } }, v1),
    step({ headers: { 'x-user': ['t-ann', 'ben'] } }, v2),
  ]),
  scenario(
    'query parameters',
    both('[{ queryParams: { beta: { exact: "1" } } }, { queryParams: { user: { regex: "[a-c]+" } } }]'),
    [
      get('/?beta=1', v2),
      get('/?a=b&beta=1', v2),
      get('/?beta=2', v1),
      get('/?beta=', v1),
      get('/?Beta=1', v1),
      get('/?user=abc', v2),
      get('/?user=abcd', v1),
      get('/?beta=%31', v1),
      get('/?beta=2&beta=1', v1),
    ],
  ),
  scenario('an authority with its port', both("[{ authority: { exact: 'SERVER.parity.test:8080' } }]"), [
    host('SERVER.parity.test:8080', v2),
    step({}, v1),
  ]),
  scenario('paths are normalised before anything looks at them', both('[{ uri: { prefix: /b } }]'), [
    step({ target: '/a/../b' }, { ...v2, headers: { ':path': '/b' } }),
    step({ target: '/./b/.' }, { ...v2, headers: { ':path': '/b/' } }),
    step({ target: '/%62' }, { ...v2, headers: { ':path': '/b' } }),
    step({ target: '/%2e%2e/b' }, { ...v2, headers: { ':path': '/b' } }),
    step({ target: '\\b' }, { codes: { 400: 1 }, reached: { server: 0 } }),
    step({ target: '/a%2f..%2fb' }, { ...v1, headers: { ':path': '/a%2f..%2fb' } }),
    step({ target: '//b' }, { ...v1, headers: { ':path': '//b' } }),
    step({ target: '/a?q=/../b' }, { ...v1, headers: { ':path': '/a?q=/../b' } }),
  ]),
  scenario(
    'paths and hosts are rewritten',
    [
      `- match: [{ uri: { prefix: /old/ } }]\n  rewrite: { uri: /new/ }\n  route: [${web('v1')}]`,
      `- match: [{ uri: { exact: /whole } }]\n  rewrite: { uri: /other, authority: inner.test }\n  route: [${web('v1')}]`,
      `- match: [{ uri: { prefix: /user/ } }]\n  rewrite: { uriRegexRewrite: { match: '^/user/([0-9]+)', rewrite: '/u\\1' } }\n  route: [${web('v1')}]`,
    ].join('\n'),
    [
      asks('/old/a?b=c', '/new/a?b=c'),
      asks('/old/', '/new/'),
      step({ target: '/whole?a' }, { codes: { 200: 1 }, headers: { ':path': '/other?a', host: 'inner.test' } }),
      asks('/user/12/cart?x=1', '/u12/cart?x=1'),
    ],
  ),
  scenario(
    'redirects take from the request what they do not name',
    [
      '- match: [{ uri: { exact: /moved } }]\n  redirect: { uri: /here, redirectCode: 308 }',
      '- match: [{ uri: { prefix: /host } }]\n  redirect: { authority: elsewhere.test }',
      '- match: [{ uri: { prefix: /secure } }]\n  redirect: { scheme: https }',
      '- match: [{ uri: { prefix: /port } }]\n  redirect: { port: 8443, scheme: https, redirectCode: 302 }',
      '- match: [{ uri: { prefix: /usual } }]\n  redirect: { port: 443, scheme: https }',
      '- match: [{ uri: { prefix: /query } }]\n  redirect: { uri: "/q?a=1" }',
    ].join('\n'),
    [
      leads('/moved?a=b', 308, /^http:\/\/[^/:]+\.parity\.test\/here\?a=b$/),
      leads('/host/a?b', 301, /^http:\/\/elsewhere\.test\/host\/a\?b$/),
      leads('/secure/a', 301, /^https:\/\/[^/:]+\.parity\.test\/secure\/a$/),
      leads('/port', 302, /^https:\/\/[^/:]+\.parity\.test:8443\/port$/),
      leads('/usual', 301, /^https:\/\/[^/:]+\.parity\.test\/usual$/),
      leads('/query?b=2', 301, /^http:\/\/[^/:]+\.parity\.test\/q\?a=1$/),
    ],
  ),
  scenario(
    'answers that a rule gives',
    [
      '- match: [{ uri: { exact: /tea } }]\n  directResponse: { status: 418, body: { string: "short and stout" } }',
      '- match: [{ uri: { exact: /empty } }]\n  directResponse: { status: 200 }',
    ].join('\n'),
    [
      get('/tea', { codes: { 418: 1 }, body: 'short and stout', responseHeaders: { 'content-length': '15' } }),
      get('/empty', { codes: { 200: 1 }, body: '', reached: { server: 0 } }),
      step({ target: '/tea', method: 'HEAD' }, { codes: { 418: 1 }, body: '' }),
    ],
  ),
  scenario('weights', `- route: [${web('v1', ', weight: 80')}, ${web('v2', ', weight: 20')}]`, [
    step(
      { times: 300, atOnce: 4 },
      { codes: { 200: 300 }, instances: { 'server-v1': [205, 275], 'server-v2': [25, 95] } },
    ),
  ]),
  scenario('a header leads to the canary', both('[{ headers: { x-version: { exact: v2 } } }]'), [
    step({ headers: { 'x-version': 'v2' }, times: 20 }, { codes: { 200: 20 }, instances: { 'server-v2': 20 } }),
    step({ times: 20 }, { codes: { 200: 20 }, instances: { 'server-v1': 20 } }),
  ]),
  scenario(
    'fields are set, added and removed both ways',
    `- headers: { request: { set: { x-set: mesh, host: set.test }, add: { x-add: mesh }, remove: [x-gone] }, response: { set: { x-out: mesh, content-type: text/html }, add: { x-more: mesh }, remove: [x-secret] } }\n  route: [${web('v1')}]`,
    [
      step(
        {
          headers: { 'x-set': 'client', 'x-add': 'client', 'x-gone': '1' },
          order: { fields: { 'x-out': 'service', 'x-more': 'service', 'x-secret': '1' } },
        },
        {
          codes: { 200: 1 },
          responseHeaders: {
            ...{ 'x-out': 'mesh', 'x-more': /^service, ?mesh$/, 'x-secret': null },
            'content-type': 'text/html',
          },
        },
      ),
    ],
  ),
  scenario(
    'fields of a request as the service sees them',
    `- headers: { request: { set: { x-set: mesh, host: set.test }, add: { x-add: mesh }, remove: [x-gone] } }\n  route: [${web('v1')}]`,
    [
      step(
        { headers: { 'x-set': 'client', 'x-add': 'client', 'x-gone': '1' } },
        {
          codes: { 200: 1 },
          headers: { 'x-set': 'mesh', 'x-add': /^client, ?mesh$/, 'x-gone': null, host: 'set.test' },
        },
      ),
    ],
  ),
];
