/** What the server answers, or sends as the last event of a watch, when a resource version is too old. */
export const expiredStatus = {
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  message: 'too old resource version: 1 (2)',
  reason: 'Expired',
  code: 410,
} as const;
