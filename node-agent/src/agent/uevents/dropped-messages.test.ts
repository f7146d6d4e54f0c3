import { describe, expect, it } from 'vitest';
import { droppedMessages } from './dropped-messages.ts';

const table = `sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode
0000000000000000 0   812        00000440 0        0        0     2        0        17013
0000000000000000 15  812        00000001 0        0        0     2        3165     17021
0000000000000000 15  1          00000002 0        0        0     2        0        17022
`;

describe('the count of dropped messages', () => {
  it('is that of the socket with this protocol and this id', () => {
    expect(droppedMessages(table, { protocol: 15, portId: 812 })).toBe(3165);
    expect(droppedMessages(table, { protocol: 0, portId: 812 })).toBe(0);
  });

  it('is unknown of a socket that is not listed', () => {
    expect(droppedMessages(table, { protocol: 15, portId: 813 })).toBeUndefined();
    expect(droppedMessages('', { protocol: 15, portId: 812 })).toBeUndefined();
  });
});
