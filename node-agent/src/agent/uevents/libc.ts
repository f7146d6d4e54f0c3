import koffi, { type KoffiFunc } from 'koffi';

/** The system calls that a netlink socket needs, as libc names them. All return -1 and set errno on failure. */
export interface Libc {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (descriptor: number, address: Buffer, length: number) => number;
  readonly getsockname: (descriptor: number, address: Buffer, length: number[]) => number;
  readonly setsockopt: (descriptor: number, level: number, name: number, value: Buffer, length: number) => number;
  readonly getsockopt: (descriptor: number, level: number, name: number, value: Buffer, length: number[]) => number;
  readonly recvfrom: ReceiveFrom;
  readonly sendto: SendTo;
  readonly close: (descriptor: number) => number;
}

type ReceiveFrom = (
  ...parameters: [descriptor: number, buffer: Buffer, size: number, flags: number, sender: Buffer, length: number[]]
) => number | bigint;

type SendTo = (
  ...parameters: [descriptor: number, message: Buffer, size: number, flags: number, to: Buffer, length: number]
) => number | bigint;

/** Values of Linux's headers, the same on every architecture that Node supports but MIPS. */
export const linux = {
  AF_NETLINK: 16,
  SOCK_RAW: 3,
  SOCK_NONBLOCK: 0o4000,
  SOCK_CLOEXEC: 0o2000000,
  SOL_SOCKET: 1,
  SO_RCVBUF: 8,
  SO_RCVBUFFORCE: 33,
  MSG_TRUNC: 0x20,
  NETLINK_KOBJECT_UEVENT: 15,
  NLM_F_REQUEST: 1,
  NLMSG_MIN_TYPE: 0x10,
} as const;

export function loadLibc(): Libc {
  const libc = koffi.load(null);
  return {
    socket: libc.func('int socket(int, int, int)') as KoffiFunc<Libc['socket']>,
    bind: libc.func('int bind(int, const uint8_t *, uint32_t)') as KoffiFunc<Libc['bind']>,
    getsockname: libc.func('int getsockname(int, _Out_ uint8_t *, _Inout_ uint32_t *)') as KoffiFunc<
      Libc['getsockname']
    >,
    setsockopt: libc.func('int setsockopt(int, int, int, const uint8_t *, uint32_t)') as KoffiFunc<Libc['setsockopt']>,
    getsockopt: libc.func('int getsockopt(int, int, int, _Out_ uint8_t *, _Inout_ uint32_t *)') as KoffiFunc<
      Libc['getsockopt']
    >,
    recvfrom: libc.func(
      'long recvfrom(int, _Out_ uint8_t *, size_t, int, _Out_ uint8_t *, _Inout_ uint32_t *)',
    ) as KoffiFunc<ReceiveFrom>,
    sendto: libc.func('long sendto(int, const uint8_t *, size_t, int, const uint8_t *, uint32_t)') as KoffiFunc<SendTo>,
    close: libc.func('int close(int)') as KoffiFunc<Libc['close']>,
  };
}

/** What the last call on this thread failed with, as an error that names the call. */
export function systemError(call: string): Error {
  const number = koffi.errno();
  const name = Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0] ?? String(number);
  return Object.assign(new Error(`${call} failed with ${name}`), { code: name, syscall: call });
}

export function lastErrorIs(name: string): boolean {
  return koffi.errno() === koffi.os.errno[name];
}
