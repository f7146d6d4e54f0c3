import type { TokenSource } from './token-file.ts';

/** How to reach one API server, and as whom. */
export interface ClusterAccess {
  readonly server: URL;
  readonly tls: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
    readonly rejectUnauthorized: boolean;
  };
  readonly token?: TokenSource;
  /** Through which the server is reached: `http:`, `https:` or `socks5:`, perhaps with user and password. */
  readonly proxy?: URL;
  /** Sent with every request, e.g. `Impersonate-User`. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** The namespace of the context, or of the pod. */
  readonly namespace: string;
  /** For logs and messages: the kubeconfig path, or `service account`. */
  readonly origin: string;
}
