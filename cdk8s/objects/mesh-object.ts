// Adds a typed object to a chart. Names are plain: a release has a namespace of its own, so nothing needs a prefix.
// The namespace itself is set when charts are rendered, the same for every object.
import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { type Body, type Kind, models } from './models.ts';

/** Metadata of an object. */
export interface ObjectMetadata {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Adds an object of a kind. */
export function meshObject<K extends Kind>(
  scope: Construct,
  kind: K,
  metadata: ObjectMetadata,
  body: Body<K>,
): ApiObject {
  const model = models[kind] as unknown as { readonly apiVersion: string };
  return new ApiObject(scope, `${kind}-${metadata.name}`, {
    apiVersion: model.apiVersion,
    kind,
    metadata,
    ...body,
  });
}
