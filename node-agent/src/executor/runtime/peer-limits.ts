import { RateLimiter } from './rate-limiter.ts';

export interface PeerLimitsOptions {
  /** Connections, of everybody. */
  readonly connections: number;
  /** Connections of which nobody knows yet whose they are, of everybody. */
  readonly pending: number;
  /** The same, of one address. */
  readonly pendingPerPeer: number;
  /** New connections of one address. */
  readonly perSecond: number;
  readonly burst: number;
  readonly now?: () => number;
}

/** For the TCP port: at most 110 pods on a node, which may all show the address of the node. */
export const portLimits: PeerLimitsOptions = {
  connections: 512,
  pending: 128,
  pendingPerPeer: 32,
  perSecond: 16,
  burst: 128,
};

export interface Admission {
  /** Its peer is known now. Idempotent. */
  readonly settled: () => void;
  /** The connection ended. Idempotent. */
  readonly ended: () => void;
}

interface Peer {
  pending: number;
  readonly rate: RateLimiter;
}

/** Who may open a connection: what an unknown peer costs is bounded, whatever it does. */
export class PeerLimits {
  readonly #options: PeerLimitsOptions;
  readonly #peers = new Map<string, Peer>();
  #connections = 0;
  #pending = 0;

  constructor(options: PeerLimitsOptions) {
    this.#options = options;
  }

  /** @returns undefined when the connection is one too many. */
  admit(address: string): Admission | undefined {
    const { connections, pending, pendingPerPeer } = this.#options;
    const peer = this.#peer(address);
    if (!peer.rate.take() || this.#connections >= connections) return undefined;
    if (this.#pending >= pending || peer.pending >= pendingPerPeer) return undefined;
    this.#connections += 1;
    this.#pending += 1;
    peer.pending += 1;
    const settled = once(() => {
      this.#pending -= 1;
      peer.pending -= 1;
    });
    const ended = once(() => {
      settled();
      this.#connections -= 1;
    });
    return { settled, ended };
  }

  #peer(address: string): Peer {
    const known = this.#peers.get(address);
    if (known !== undefined) return known;
    for (const [other, { pending, rate }] of this.#peers) {
      if (pending === 0 && rate.isFull) this.#peers.delete(other);
    }
    const peer = { pending: 0, rate: new RateLimiter(this.#options) };
    this.#peers.set(address, peer);
    return peer;
  }
}

function once(effect: () => void): () => void {
  let done = false;
  return () => {
    if (!done) effect();
    done = true;
  };
}
