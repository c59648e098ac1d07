// The only file that knows cdk8s-plus-27: identities, and what they may read.
// Its line of releases has ended, so what it writes here is also checked against the newer schemas.

import { ApiResource, type IRole, Role, RoleBinding, ServiceAccount } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { ObjectMetadata } from './mesh-object.ts';

/** Read or create access to one kind of resource. */
export interface AccessRule {
  readonly apiGroup: string;
  readonly resource: string;
  readonly verbs: readonly string[];
}

/** Options of {@link identity}. */
export interface IdentityProps {
  readonly metadata: ObjectMetadata;
  /** Access in the release's own namespace. A token is mounted only with one. @default [] */
  readonly access?: readonly AccessRule[];
}

/** A service account; with access rules also a role of its own and its binding. */
export function identity(scope: Construct, props: IdentityProps): ServiceAccount {
  const { name, labels = {}, annotations = {} } = props.metadata;
  const metadata = { name, labels: { ...labels }, annotations: { ...annotations } };
  const account = new ServiceAccount(scope, 'account', { metadata, automountToken: false });
  const access = props.access ?? [];
  if (access.length > 0) {
    const role = new Role(scope, 'role', { metadata });
    for (const { apiGroup, resource, verbs } of access) {
      role.allow([...verbs], ApiResource.custom({ apiGroup, resourceType: resource }));
    }
    const binding = new RoleBinding(scope, 'binding', { metadata, role: role as IRole });
    binding.addSubjects(account);
  }
  return account;
}
