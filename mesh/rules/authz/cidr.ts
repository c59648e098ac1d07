// IP blocks of policies: a single address or a CIDR range, IPv4 or IPv6.

import { BlockList, isIP } from 'node:net';

/** Undefined when one of the blocks is not an address or range. */
export function compileBlocks(blocks: readonly string[]): ((address: string) => boolean) | undefined {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', length] = block.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) return undefined;
    if (length === undefined) list.addAddress(address, family);
    else if (/^[0-9]{1,3}$/.test(length) && Number(length) <= (family === 'ipv6' ? 128 : 32))
      list.addSubnet(address, Number(length), family);
    else return undefined;
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
