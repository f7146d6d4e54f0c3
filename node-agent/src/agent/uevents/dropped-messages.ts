/**
 * How many messages the kernel dropped for one socket, from the text of `/proc/net/netlink`. Undefined when the socket
 * is not there. Columns: sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode, where Eth is the protocol.
 */
export function droppedMessages(
  table: string,
  { protocol, portId }: { protocol: number; portId: number },
): number | undefined {
  for (const line of table.split('\n')) {
    const columns = line.trim().split(/\s+/);
    if (columns[1] === String(protocol) && columns[2] === String(portId)) {
      const drops = Number(columns[8]);
      return Number.isSafeInteger(drops) ? drops : undefined;
    }
  }
  return undefined;
}
