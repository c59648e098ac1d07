// The service graph as SVG, laid out in columns and drawn by hand: no layout library, the same bytes each time.
// Arrows are calls with their budget; dashed ones are events; each says the whole of it when pointed at.
import type { PlatformModel, ServiceModel } from '../model/service-model.ts';
import { canaryLabel, edgeLabel, eventEdges, methodLabel } from './edge-label.ts';
import { layers } from './layers.ts';

const box = { width: 176, height: 52 };
const gap = { x: 250, y: 66 };
const margin = 32;

interface Place {
  readonly x: number;
  readonly y: number;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

function placesOf(platform: PlatformModel): { places: Map<string, Place>; width: number; height: number } {
  const columns = layers(platform.services);
  const tallest = Math.max(...columns.map((column) => column.length));
  const height = margin * 2 + tallest * box.height + (tallest - 1) * gap.y;
  const places = new Map<string, Place>();
  for (const [column, names] of columns.entries()) {
    const own = names.length * box.height + (names.length - 1) * gap.y;
    // Every other column is shifted, so that arrows across a column do not run through its boxes.
    const shift = column % 2 === 1 ? (box.height + gap.y) / 4 : 0;
    for (const [row, name] of names.entries()) {
      places.set(name, {
        x: margin + column * (box.width + gap.x),
        y: Math.round((height - own) / 2 + shift + row * (box.height + gap.y)),
      });
    }
  }
  return { places, width: margin * 2 + columns.length * box.width + (columns.length - 1) * gap.x, height: height + 40 };
}

function node(service: ServiceModel, { x, y }: Place): string {
  const canary = canaryLabel(service);
  const middle = x + box.width / 2;
  const title = `<title>${escaped(service.manifest.description)}</title>`;
  const name = `<text class="name" x="${middle}" y="${y + (canary === '' ? 31 : 23)}">${service.name}</text>`;
  const versions = canary === '' ? '' : `<text class="note" x="${middle}" y="${y + 40}">${canary}</text>`;
  const kind = service.edge ? 'edge' : 'service';
  return `<g class="${kind}">${title}<rect x="${x}" y="${y}" width="${box.width}" height="${box.height}" rx="${service.edge ? 26 : 8}"/>${name}${versions}</g>`;
}

/** Where an arrow starts and ends: right to left side, or round the right where both stand in one column. */
function path(from: Place, to: Place): { d: string; label: Place } {
  const y1 = from.y + box.height / 2;
  const y2 = to.y + box.height / 2;
  if (to.x > from.x) {
    const [x1, x2] = [from.x + box.width, to.x - 6];
    const bend = Math.min(120, (x2 - x1) / 2);
    return {
      d: `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
      // Over a short arrow the label stands in its middle; a long one runs behind boxes there.
      label:
        x2 - x1 > gap.x + 10
          ? { x: x1 + (x2 - x1) * 0.28, y: y1 + (y2 - y1) * 0.2 - 5 }
          : { x: (x1 + x2) / 2, y: (y1 + y2) / 2 - 5 },
    };
  }
  const [x1, x2] = [from.x + box.width, to.x + box.width + 6];
  const out = Math.max(x1, x2) + 70;
  return { d: `M${x1} ${y1} C${out} ${y1} ${out} ${y2} ${x2} ${y2}`, label: { x: out - 14, y: (y1 + y2) / 2 } };
}

function arrow(kind: 'call' | 'event', from: Place, to: Place, title: string): string {
  const { d } = path(from, to);
  return `<g class="${kind}"><title>${escaped(title)}</title><path d="${d}" marker-end="url(#${kind}-head)"/></g>`;
}

/** Labels are drawn last, over arrows and boxes, so that each can be read. */
function label(from: Place, to: Place, text: string): string {
  const { x, y } = path(from, to).label;
  return `<text class="label" x="${Math.round(x)}" y="${Math.round(y)}">${escaped(text)}</text>`;
}

const style = `
text{font-family:system-ui,sans-serif;text-anchor:middle;fill:#1f2933}
.name{font-size:15px;font-weight:600}.note,.label,.key{font-size:11px;fill:#52606d}
.label{paint-order:stroke;stroke:#fff;stroke-width:4px}
.service rect{fill:#eef4ff;stroke:#3b6fd4}.edge rect{fill:#fff4e5;stroke:#c77700}
path{fill:none;stroke-width:1.4}.call path{stroke:#3b6fd4}.event path{stroke:#8a94a3;stroke-dasharray:5 4}
g:hover>path{stroke-width:3}`;

function head(kind: string, colour: string): string {
  return `<marker id="${kind}-head" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z" fill="${colour}" style="stroke:none;fill:${colour}"/></marker>`;
}

/** The drawing. */
export function svgGraph(platform: PlatformModel): string {
  const { places, width, height } = placesOf(platform);
  const at = (name: string): Place => places.get(name) ?? { x: 0, y: 0 };
  const events = eventEdges(platform.services).map(({ from, to, event }) =>
    arrow('event', at(from), at(to), `${from} tells ${to}: ${event}`),
  );
  const edges = platform.services.flatMap((service) => service.calls);
  const calls = edges.map((call) =>
    arrow(
      'call',
      at(call.from),
      at(call.to),
      [`${call.from} calls ${call.to}`, ...call.methods.map(methodLabel)].join('\n'),
    ),
  );
  const labels = edges.map((call) => label(at(call.from), at(call.to), edgeLabel(call)));
  const nodes = platform.services.map((service) => node(service, at(service.name)));
  const key = `<text class="key" x="${width / 2}" y="${height - 14}">arrows: calls, with timeout and tries · dashed: events · point at one for all of it</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="Who calls whom in ${platform.name}">
<style>${style}
</style>
<defs>${head('call', '#3b6fd4')}${head('event', '#8a94a3')}</defs>
<rect width="${width}" height="${height}" fill="#fff"/>
${[...events, ...calls, ...nodes, ...labels, key].join('\n')}
</svg>
`;
}
