// Path templates of `google.api.http`: `/v2/orders/{order_id}:cancel`, `/v1/{name=shelves/*/books/*}`, `/v1/{path=**}`.
// A template becomes a Fastify route, whose parameters are put together again to the fields that captured them.
// Grammar: the comment of google.api.HttpRule in google/api/http.proto.

/** One field that captures a part of the path. */
export interface Capture {
  /** Names from the message down to the field, as the contract spells them: `['user', 'id']`. */
  readonly field: readonly string[];
  /** Segments in order: a literal, or the name of a route parameter. */
  readonly segments: readonly ({ readonly literal: string } | { readonly parameter: string })[];
}

/** A parsed template. */
export interface PathTemplate {
  /** Route in Fastify's syntax. */
  readonly route: string;
  readonly captures: readonly Capture[];
  /** The path with one `{name}` a capture, as OpenAPI writes it. */
  readonly openApi: string;
}

/** A colon in a literal is doubled, because Fastify takes a single one for the start of a parameter. */
function literal(text: string): string {
  return text.replaceAll(':', '::');
}

/**
 * Parses a template.
 *
 * @throws TypeError when it breaks the grammar
 */
export function parsePathTemplate(template: string): PathTemplate {
  const { path, verb } = splitVerb(template);
  if (!path.startsWith('/')) throw wrong(template, 'it must begin with a slash');
  const captures: Capture[] = [];
  let route = '';
  let openApi = '';
  let parameters = 0;

  /** One segment of the path inside or outside of a capture. */
  function segment(text: string, last: boolean): Capture['segments'][number] {
    if (text === '**') {
      if (!last || verb !== '') throw wrong(template, '`**` must be the end of the path');
      route += '/*';
      return { parameter: '*' };
    }
    if (text === '*') {
      const parameter = `p${parameters}`;
      parameters += 1;
      // Before a verb the parameter must stop at the colon.
      route += last && verb !== '' ? `/:${parameter}([^/:]+)` : `/:${parameter}`;
      return { parameter };
    }
    if (text === '' || /[{}*=]/.test(text)) throw wrong(template, `'${text}' is not a segment`);
    route += `/${literal(text)}`;
    return { literal: text };
  }

  const tokens = [...path.matchAll(/\/(\{([^{}=]+)(?:=([^{}]+))?\}|[^/{}]+)/g)];
  if (tokens.map(([text]) => text).join('') !== path) throw wrong(template, 'its braces or slashes do not match');
  for (const [index, [, text = '', field, pattern = '*']] of tokens.entries()) {
    const lastToken = index === tokens.length - 1;
    if (field === undefined) {
      segment(text, lastToken);
      openApi += `/${text}`;
      continue;
    }
    const parts = pattern.split('/');
    const segments = parts.map((part, position) => segment(part, lastToken && position === parts.length - 1));
    captures.push({ field: field.trim().split('.'), segments });
    openApi += `/{${field.trim()}}`;
  }
  const suffix = verb === '' ? '' : `:${verb}`;
  return { route: route + literal(suffix), captures, openApi: openApi + suffix };
}

/** The verb is what follows the last colon, unless that colon stands within braces. */
function splitVerb(template: string): { path: string; verb: string } {
  const colon = template.lastIndexOf(':');
  if (colon === -1 || colon < template.lastIndexOf('}') || colon < template.lastIndexOf('/')) {
    return { path: template, verb: '' };
  }
  return { path: template.slice(0, colon), verb: template.slice(colon + 1) };
}

/** The value that a capture took from a request's route parameters. */
export function captured({ segments }: Capture, parameters: Readonly<Record<string, string>>): string {
  return segments.map((part) => ('literal' in part ? part.literal : (parameters[part.parameter] ?? ''))).join('/');
}

function wrong(template: string, why: string): TypeError {
  return new TypeError(`'${template}' is not a path template of google.api.http: ${why}`);
}
