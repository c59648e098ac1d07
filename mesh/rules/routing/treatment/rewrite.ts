// Path rewriting: a prefix match has its prefix replaced, an exact or regex match the whole path; the query stays.
// Source: Envoy source/common/router/config_impl.cc (finalizePathHeader, regex_rewrite substitution `\1`).

import { RE2JS } from 're2js';
import type { HttpMatch, HttpRoute } from '../../read/kinds/virtual-service.ts';

export type PathRewrite = (path: string) => string;

export function compileRewrite(rewrite: HttpRoute['rewrite'], match: HttpMatch | undefined): PathRewrite | undefined {
  const byRegex = rewrite?.uriRegexRewrite;
  if (byRegex?.match !== undefined) {
    const pattern = RE2JS.compile(byRegex.match);
    const replacement = javaReplacement(byRegex.rewrite ?? '');
    return onPath((path) => pattern.matcher(path).replaceAll(replacement));
  }
  const uri = rewrite?.uri;
  if (uri === undefined || uri === '') return undefined;
  const matched = match?.uri;
  if (matched?.exact !== undefined || matched?.regex !== undefined) return onPath(() => uri);
  const prefix = matched?.prefix ?? '/';
  return onPath((path) => `${uri}${path.slice(prefix.length)}`);
}

function onPath(change: PathRewrite): PathRewrite {
  return (whole) => {
    const query = whole.indexOf('?');
    return query < 0 ? change(whole) : `${change(whole.slice(0, query))}${whole.slice(query)}`;
  };
}

/** Envoy writes groups as `\1`, the library as `$1`; a literal dollar has to be escaped. */
function javaReplacement(text: string): string {
  return text.replaceAll('$', '\\$').replaceAll(/\\([0-9])/g, '$$$1');
}
