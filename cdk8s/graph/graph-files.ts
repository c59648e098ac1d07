// The files that `npm run graph` writes below docs/.
// Both come from the same model as charts/ and infra/.
import type { PlatformModel } from '../model/service-model.ts';
import { mermaidPage } from './mermaid.ts';
import { svgGraph } from './svg.ts';

/** Contents by path below docs/. */
export function graphFiles(platform: PlatformModel): Map<string, string> {
  return new Map([
    ['service-graph.md', mermaidPage(platform)],
    ['service-graph.svg', svgGraph(platform)],
  ]);
}
