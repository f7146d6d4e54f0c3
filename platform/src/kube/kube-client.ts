import { setTimeout as delay } from 'node:timers/promises';
import type { ClusterAccess } from './cluster-access.ts';
import { HttpTransport, StaleSocketError } from './http-transport.ts';
import type { TransportRequest } from './http-transport.ts';
import { isNotFound, KubeConnectionError, KubeError } from './kube-error.ts';
import type { ApplyConfiguration, KubeObject, ObjectList, UntypedObject, WatchEvent } from './kube-object.ts';
import { groupVersionOf, resourcePath } from './resource.ts';
import type { Resource } from './resource.ts';
import { watchEvents } from './watch-events.ts';

export interface KubeClientOptions {
  /** Shown in the audit log of the API server. */
  readonly userAgent?: string;
  /** For a whole answer, and for the headers of a watch. Default 30 s. */
  readonly requestTimeoutMilliseconds?: number;
  /** Default 8. */
  readonly maximumSockets?: number;
}

export interface ObjectName {
  readonly name: string;
  readonly namespace?: string | undefined;
}

export interface Selection {
  readonly namespace?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
}

export interface ListOptions extends Selection {
  readonly limit?: number | undefined;
  readonly continue?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

export interface WatchOptions extends Selection {
  readonly resourceVersion?: string | undefined;
  /** When the server ends the watch. Default: at random between 300 and 480, so that clients do not come back at once. */
  readonly timeoutSeconds?: number | undefined;
  /** Default true. */
  readonly allowBookmarks?: boolean | undefined;
  /**
   * Silence after which the connection counts as dead. Default 150 s: the server sends a bookmark each minute, but the
   * first of a watch may take two (seen with 1.36).
   */
  readonly stallMilliseconds?: number | undefined;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  readonly subresource?: string | undefined;
  /** Take over fields that another manager owns. Default false: then the server answers with a conflict. */
  readonly force?: boolean | undefined;
}

export interface DeleteOptions extends ObjectName {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string } | undefined;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
}

export type RawRequest = Omit<TransportRequest, 'timeoutMilliseconds'>;

const maximumRetries = 3;
const maximumRetryDelaySeconds = 15;
const strict = { fieldValidation: 'Strict' } as const;

/**
 * The verbs of the Kubernetes API, over one pool of kept connections.
 *
 * Every method throws KubeError when the server refuses, KubeConnectionError when there is no whole answer, and the
 * reason of the signal when that is aborted. Requests that may be repeated safely are, at most three times, when the
 * server says with Retry-After that it is too busy.
 */
export class KubeClient {
  readonly access: ClusterAccess;
  readonly #transport: HttpTransport;
  readonly #timeoutMilliseconds: number;

  constructor(access: ClusterAccess, options: KubeClientOptions = {}) {
    this.access = access;
    this.#timeoutMilliseconds = options.requestTimeoutMilliseconds ?? 30_000;
    this.#transport = new HttpTransport(access, {
      userAgent: options.userAgent ?? 'autoweave',
      maximumSockets: options.maximumSockets ?? 8,
    });
  }

  /** @returns undefined when there is no such object. */
  async get<T extends KubeObject = UntypedObject>(
    resource: Resource,
    target: ObjectName,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    try {
      return await this.#json<T>({ method: 'GET', path: resourcePath(resource, target), signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** One page, or everything when there is no limit. */
  async list<T extends KubeObject = UntypedObject>(
    resource: Resource,
    options: ListOptions = {},
    signal?: AbortSignal,
  ): Promise<ObjectList<T>> {
    const { namespace, ...query } = options;
    const list = await this.#json<ListResponse<T>>({
      method: 'GET',
      path: resourcePath(resource, { namespace }),
      query,
      signal,
    });
    const typeMeta = { apiVersion: groupVersionOf(resource), kind: resource.kind };
    return {
      // The server leaves the type of built-in kinds out of the items of a list.
      items: (list.items ?? []).map((item) => ({ ...typeMeta, ...item })),
      resourceVersion: list.metadata.resourceVersion ?? '',
      ...(list.metadata.continue ? { continue: list.metadata.continue } : {}),
    };
  }

  /**
   * Events after `resourceVersion`, until the server ends the watch or the signal is aborted; both end it quietly.
   *
   * @throws KubeError with status 410 when the resource version is too old: list again.
   */
  async *watch<T extends KubeObject = UntypedObject>(
    resource: Resource,
    options: WatchOptions,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent<T>> {
    if (signal.aborted) return;
    const response = await this.#transport.stream({
      method: 'GET',
      path: resourcePath(resource, { namespace: options.namespace }),
      query: {
        watch: true,
        fieldSelector: options.fieldSelector,
        labelSelector: options.labelSelector,
        resourceVersion: options.resourceVersion,
        allowWatchBookmarks: options.allowBookmarks ?? true,
        timeoutSeconds: options.timeoutSeconds ?? 300 + Math.floor(Math.random() * 181),
      },
      timeoutMilliseconds: this.#timeoutMilliseconds,
      signal,
    });
    yield* watchEvents<T>(response, { stallMilliseconds: options.stallMilliseconds ?? 150_000, signal });
  }

  /** Server-side apply. Unknown fields are an error. */
  async apply<T extends KubeObject = UntypedObject>(
    resource: Resource,
    object: ApplyConfiguration<NoInfer<T>>,
    options: ApplyOptions,
    signal?: AbortSignal,
  ): Promise<T> {
    const { name, namespace } = object.metadata;
    return this.#json<T>({
      method: 'PATCH',
      path: resourcePath(resource, { name, namespace, subresource: options.subresource }),
      query: { ...strict, fieldManager: options.fieldManager, force: options.force ? true : undefined },
      // JSON is YAML.
      contentType: 'application/apply-patch+yaml',
      body: encode(resource, object),
      signal,
    });
  }

  /** @throws KubeError with reason AlreadyExists */
  async create<T extends KubeObject = UntypedObject>(
    resource: Resource,
    object: ApplyConfiguration<NoInfer<T>>,
    signal?: AbortSignal,
  ): Promise<T> {
    const path = resourcePath(resource, { namespace: object.metadata.namespace });
    return this.#json<T>({ method: 'POST', path, query: strict, body: encode(resource, object), signal });
  }

  /** Replaces the object; with `metadata.resourceVersion` only when nobody changed it since. */
  async update<T extends KubeObject = UntypedObject>(
    resource: Resource,
    object: ApplyConfiguration<NoInfer<T>>,
    options: { subresource?: string } = {},
    signal?: AbortSignal,
  ): Promise<T> {
    const { name, namespace } = object.metadata;
    const path = resourcePath(resource, { name, namespace, subresource: options.subresource });
    return this.#json<T>({ method: 'PUT', path, query: strict, body: encode(resource, object), signal });
  }

  /** @returns false when there was no such object. */
  async delete(resource: Resource, options: DeleteOptions, signal?: AbortSignal): Promise<boolean> {
    const { preconditions, propagationPolicy, ...target } = options;
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy });
    try {
      await this.request({ method: 'DELETE', path: resourcePath(resource, target), body, signal });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** Anything else the server answers, as text. */
  async request(request: RawRequest): Promise<string> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#transport.request({ ...request, timeoutMilliseconds: this.#timeoutMilliseconds });
      } catch (error) {
        const wait = attempt < maximumRetries ? retryDelaySeconds(error, request) : undefined;
        if (wait === undefined) throw error;
        await delay(wait * 1000, undefined, request.signal ? { signal: request.signal } : {}).catch(() => undefined);
        request.signal?.throwIfAborted();
      }
    }
  }

  /** Closes kept connections; requests under way fail. */
  close(): void {
    this.#transport.close();
  }

  async #json<T>(request: RawRequest): Promise<T> {
    const text = await this.request(request);
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw new KubeConnectionError(`${request.method} ${request.path} was not answered with JSON`, { cause: error });
    }
  }
}

interface ListResponse<T> {
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items?: readonly T[];
}

function encode(resource: Resource, object: object): string {
  const json = JSON.stringify({ ...object, apiVersion: groupVersionOf(resource), kind: resource.kind });
  return json.replaceAll(yamlSpecial, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Plain in JSON, but in YAML, as which an apply is read, refused or taken for a line break. */
const yamlSpecial = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** Undefined: do not try again. A create is never repeated, as the first may have been done. */
function retryDelaySeconds(error: unknown, request: RawRequest): number | undefined {
  if (request.method === 'POST') return undefined;
  if (error instanceof StaleSocketError) return 0;
  if (!(error instanceof KubeError) || error.retryAfterSeconds === undefined) return undefined;
  if (error.status !== 429 && error.status !== 503) return undefined;
  return Math.min(error.retryAfterSeconds, maximumRetryDelaySeconds) * (1 + Math.random() / 4);
}
