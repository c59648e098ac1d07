// One pass over one YAML document: knows the file, turns node ranges into lines, and collects problems and coverage.
// Shapes write to it; nothing else does.

import { type Document, isMap, isScalar, type LineCounter, type Node } from 'yaml';
import type { Coverage, CoverageStatus, Problem } from './problem.ts';
import type { SourcePosition } from './source-position.ts';

export class Reader {
  readonly problems: Problem[] = [];
  readonly coverage: Coverage[] = [];
  readonly document: Document;
  readonly anchors: Document;
  object: string;
  readonly #file: string;
  readonly #lines: LineCounter;
  #silent = 0;

  /** @param anchors - the document whose anchors aliases refer to: for an item of a List, the whole list. */
  constructor(file: string, document: Document, lines: LineCounter, anchors: Document = document) {
    this.#file = file;
    this.document = document;
    this.anchors = anchors;
    this.#lines = lines;
    this.object = file;
  }

  position(node: Node | null | undefined, field: string): SourcePosition {
    const offset = node?.range?.[0] ?? this.document.range?.[0] ?? 0;
    return { file: this.#file, line: this.#lines.linePos(offset).line, field };
  }

  fail(node: Node | null | undefined, field: string, message: string): void {
    this.problems.push({ ...this.position(node, field), severity: 'error', object: this.object, message });
  }

  warn(node: Node | null | undefined, field: string, message: string): void {
    this.problems.push({ ...this.position(node, field), severity: 'warning', object: this.object, message });
  }

  cover(node: Node | null | undefined, field: string, status: CoverageStatus, why?: string): void {
    if (this.#silent > 0) return;
    const position = this.position(node, field);
    const last = this.coverage.at(-1);
    // A marked field is first seen as a leaf: the mark replaces what the surrounding object noted.
    if (last !== undefined && last.field === field) this.coverage.pop();
    this.coverage.push({ ...position, object: this.object, status, ...(why === undefined ? {} : { why }) });
  }

  /** Reads below a field whose coverage is already said. */
  silently<T>(read: () => T): T {
    this.#silent++;
    try {
      return read();
    } finally {
      this.#silent--;
    }
  }

  /** A plain string below the document's root, for `kind`, `metadata.name` and the like. */
  text(...path: readonly string[]): string | undefined {
    let node: unknown = this.document.contents;
    for (const key of path) {
      if (!isMap(node)) return undefined;
      node = node.get(key, true);
    }
    return isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
  }
}
