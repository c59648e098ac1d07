// Where an event goes in the log: its topic from its type, its partition from its key.
// All events of one contract package share a topic, so that the events of one key stay in order across their types.

/** Partitions of every topic: the largest number of processes of one group that can share its work. */
export const partitions = 8;

/** `fairlead.order.v1` for `fairlead.order.v1.OrderEvent`. */
export function topicOf(type: string): string {
  return type.slice(0, type.lastIndexOf('.'));
}

/** Partition of a key: FNV-1a over its UTF-8 bytes. Stable for ever, because it decides where a key's events are. */
export function partitionOf(key: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % partitions;
}
