// When a message is worth compressing. Inside one data centre bytes are cheap and CPU is not: small messages stay as they are.

/** Messages from this size on are gzipped for peers that accept it, in bytes. */
export const compressFrom: number = 16 * 1024;
