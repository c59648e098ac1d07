// Where in the manifests something stands: each value read from a manifest remembers its file and line.
// Positions live beside the values (a WeakMap), so that the objects themselves stay exactly Istio's.

export interface SourcePosition {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** Path below the object, for example `spec.http[0].route[1].weight`. */
  readonly field: string;
}

const positions = new WeakMap<object, SourcePosition>();

export function rememberPosition(value: object, position: SourcePosition): void {
  positions.set(value, position);
}

/** The position of an object or array that came out of a manifest, if it did. */
export function positionOf(value: object | undefined): SourcePosition | undefined {
  return value === undefined ? undefined : positions.get(value);
}

/** `infra/payment.yaml:12`, the form that terminals and editors make clickable. */
export function formatPosition(position: SourcePosition | undefined): string {
  return position === undefined ? '(built in)' : `${position.file}:${position.line}`;
}
