import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A span as it arrived, with what its resource says. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  /** Number of OTLP: 1 internal, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty at the start of a trace. */
  readonly parentSpanId: string;
  readonly startNanoseconds: bigint;
  readonly endNanoseconds: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Number of OTLP: 0 unset, 2 error. */
  readonly status: number;
}

/** A metric as it arrived; the data are OTLP's own. */
export interface ReceivedMetric {
  readonly service: string;
  readonly name: string;
  readonly data: unknown;
}

type Attributes = readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];

interface Resource {
  readonly attributes: Attributes;
}

interface Request {
  readonly resourceSpans?: readonly {
    readonly resource: Resource;
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
  readonly resourceMetrics?: readonly {
    readonly resource: Resource;
    readonly scopeMetrics: readonly { readonly metrics: readonly OtlpMetric[] }[];
  }[];
}

interface OtlpSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: Attributes;
  readonly status: { readonly code?: number };
}

interface OtlpMetric {
  readonly name: string;
  readonly sum?: unknown;
  readonly gauge?: unknown;
  readonly histogram?: unknown;
}

/** An OTLP/HTTP collector that keeps what it is sent. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = [];
  /** Of the latest export of each service. */
  readonly metrics = new Map<string, readonly ReceivedMetric[]>();
  /** What it answers; 200 takes, 503 asks to try again. */
  status = 200;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      void this.#take(request).then(() =>
        response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}'),
      );
    });
  }

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    receiver.#server.listen(0, '127.0.0.1');
    await once(receiver.#server, 'listening');
    return receiver;
  }

  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #take(request: IncomingMessage): Promise<void> {
    const { resourceSpans = [], resourceMetrics = [] } = (await json(request)) as Request;
    if (this.status !== 200) return;
    for (const { resource, scopeSpans } of resourceSpans) {
      const service = serviceOf(resource.attributes);
      this.spans.push(...scopeSpans.flatMap(({ spans }) => spans.map((span) => receivedSpan(service, span))));
    }
    for (const { resource, scopeMetrics } of resourceMetrics) {
      const service = serviceOf(resource.attributes);
      const metrics = scopeMetrics.flatMap((scope) => scope.metrics);
      this.metrics.set(
        service,
        metrics.map(({ name, sum, gauge, histogram }) => ({ service, name, data: sum ?? gauge ?? histogram })),
      );
    }
  }
}

function receivedSpan(service: string, span: OtlpSpan): ReceivedSpan {
  const { name, kind, traceId, spanId, parentSpanId = '', startTimeUnixNano, endTimeUnixNano, status } = span;
  return {
    service,
    name,
    kind,
    traceId,
    spanId,
    parentSpanId,
    startNanoseconds: BigInt(startTimeUnixNano),
    endNanoseconds: BigInt(endTimeUnixNano),
    attributes: plainAttributes(span.attributes),
    status: status.code ?? 0,
  };
}

function serviceOf(attributes: Attributes): string {
  return String(plainAttributes(attributes)['service.name']);
}

function plainAttributes(attributes: Attributes): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
