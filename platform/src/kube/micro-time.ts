/**
 * RFC 3339 with exactly six digits of a second, as metav1.MicroTime demands: three, as in `toISOString`, are refused
 * with 400 (kubernetes/kubernetes#141204).
 */
export function microTime(date: Date = new Date()): string {
  return date.toISOString().replace('Z', '000Z');
}
