import type { Uevent } from './uevent.ts';

/** What the thread is started with. */
export interface NetlinkWorkerData {
  readonly receiveBufferBytes: number;
  /** How often the kernel's count of dropped messages is looked at, besides ENOBUFS. */
  readonly dropCheckMilliseconds: number;
}

/** What the main thread says to the thread that reads the socket. */
export type NetlinkRequest = { readonly type: 'barrier'; readonly id: number } | { readonly type: 'stop' };

/** What that thread says. Order matters: a barrier follows every event that was in the socket when it was asked for. */
export type NetlinkReport =
  | { readonly type: 'listening'; readonly receiveBufferBytes: number }
  | { readonly type: 'events'; readonly events: readonly Uevent[]; readonly timestamp: number }
  | { readonly type: 'overflow'; readonly dropped: number | undefined }
  | { readonly type: 'barrier'; readonly id: number }
  | { readonly type: 'failed'; readonly error: Error };
