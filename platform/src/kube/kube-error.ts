import { AutoWeaveError } from '../errors/index.ts';

/** `details` of a metav1.Status. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly { readonly reason?: string; readonly message?: string; readonly field?: string }[];
  readonly retryAfterSeconds?: number;
}

interface KubeErrorFields {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
  readonly details?: StatusDetails | undefined;
}

/** The API server refused a request. `reason` is that of metav1.Status, e.g. `NotFound`, `Conflict`, `Expired`. */
export class KubeError extends AutoWeaveError {
  override readonly name: string = 'KubeError';
  /** HTTP status. */
  readonly status: number;
  readonly reason: string;
  readonly details: StatusDetails;
  readonly retryAfterSeconds: number | undefined;

  constructor(fields: KubeErrorFields) {
    super('AW_KUBE_REFUSED', fields.message);
    this.status = fields.status;
    this.reason = fields.reason;
    this.details = fields.details ?? {};
    this.retryAfterSeconds = fields.retryAfterSeconds ?? fields.details?.retryAfterSeconds;
  }
}

/** No answer, or not a whole one: refused, reset, timed out, or a watch that fell silent. */
export class KubeConnectionError extends AutoWeaveError {
  override readonly name: string = 'KubeConnectionError';

  constructor(message: string, options?: { cause?: unknown }) {
    super('AW_KUBE_UNREACHABLE', message, options);
  }
}

interface StatusBody {
  readonly kind?: unknown;
  readonly code?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly details?: StatusDetails;
}

/** From a metav1.Status, e.g. the object of a watch event of type ERROR. */
export function kubeErrorFromStatus(
  body: unknown,
  fallback: { status: number; retryAfter?: string | undefined },
): KubeError {
  const status: StatusBody = typeof body === 'object' && body !== null ? body : {};
  const code = typeof status.code === 'number' ? status.code : fallback.status;
  const reason = typeof status.reason === 'string' && status.reason !== '' ? status.reason : `Http${code}`;
  return new KubeError({
    status: code,
    reason,
    message: typeof status.message === 'string' ? status.message : `The API server answered ${code}`,
    details: status.details,
    retryAfterSeconds: seconds(fallback.retryAfter),
  });
}

/** From the body of an HTTP response, which a proxy may have written: then it is no Status, and perhaps no JSON. */
export function kubeErrorFromResponse(response: {
  status: number;
  body: string;
  retryAfter?: string | undefined;
}): KubeError {
  return kubeErrorFromStatus(parseJson(response.body) ?? { message: describe(response) }, response);
}

export function isNotFound(error: unknown): boolean {
  return error instanceof KubeError && error.status === 404;
}

/** The object changed meanwhile, or another field manager owns a field. */
export function isConflict(error: unknown): boolean {
  return error instanceof KubeError && error.reason === 'Conflict';
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof KubeError && error.reason === 'AlreadyExists';
}

/** The resource version, or the continue token, is too old: only a new list helps. */
export function isExpired(error: unknown): boolean {
  return error instanceof KubeError && error.status === 410;
}

/** The API server never sends the other form of Retry-After, a date. */
function seconds(retryAfter: string | undefined): number | undefined {
  return retryAfter !== undefined && /^\d+$/.test(retryAfter) ? Number(retryAfter) : undefined;
}

function parseJson(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function describe(response: { status: number; body: string }): string {
  const excerpt = response.body.slice(0, 200).replaceAll(/\s+/g, ' ').trim();
  return `The API server answered ${response.status}${excerpt === '' ? '' : `: ${excerpt}`}`;
}
