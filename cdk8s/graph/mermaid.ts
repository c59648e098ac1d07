// The service graph as Mermaid: calls as arrows, events as dotted ones, canaries in the boxes.
// See https://mermaid.js.org/syntax/flowchart.html
import type { PlatformModel } from '../model/service-model.ts';
import { canaryLabel, edgeLabel, eventEdges, methodLabel } from './edge-label.ts';

function id(name: string): string {
  return name.replaceAll('-', '_');
}

/** A Markdown page with the graph and every edge in full. */
export function mermaidPage(platform: PlatformModel): string {
  const { services } = platform;
  const nodes = services.map((service) => {
    const canary = canaryLabel(service);
    const label = canary === '' ? service.name : `${service.name}<br/>${canary}`;
    return service.edge ? `  ${id(service.name)}(["${label}"])` : `  ${id(service.name)}["${label}"]`;
  });
  const calls = services.flatMap((service) => service.calls);
  const edges = calls.map((call) => `  ${id(call.from)} -->|"${edgeLabel(call)}"| ${id(call.to)}`);
  const events = eventEdges(services).map(({ from, to, event }) => `  ${id(from)} -.->|"${event}"| ${id(to)}`);
  const rows = calls.map((call) => `| ${call.from} | ${call.to} | ${call.methods.map(methodLabel).join('<br/>')} |`);
  return `# Who calls whom

Written by \`npm run graph\` from the declarations in \`services/*/manifest.ts\` and \`cdk8s/platform.ts\`. The same as a
drawing: [service-graph.svg](service-graph.svg).

\`\`\`mermaid
flowchart LR
${[...nodes, ...edges, ...events].join('\n')}
\`\`\`

| caller | called | methods, each with its timeout and tries |
| --- | --- | --- |
${rows.join('\n')}
`;
}
