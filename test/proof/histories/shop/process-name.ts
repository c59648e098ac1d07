// Names of the shop's processes: a service each, or one version of a service that has several.

/** All of them, in the order of their start. */
export const processNames = [
  'user',
  'catalog',
  'inventory',
  'payment-v1',
  'payment-v2',
  'shipping',
  'order',
  'order-query',
  'notification',
  'recommendation',
  'realtime',
  'gateway',
] as const;

/** Name of a process. */
export type ProcessName = (typeof processNames)[number];

/** Name of a service that takes part. */
export type ServiceName = ProcessName extends infer N ? (N extends `${infer S}-v${number}` ? S : N) : never;

/** The service that a process is. */
export function serviceOf(process: string): ServiceName {
  return process.replace(/-v\d+$/, '') as ServiceName;
}

/** The version that a process is, where its service has several. */
export function versionOf(process: string): string {
  return /-(v\d+)$/.exec(process)?.[1] ?? 'v1';
}
