/** Milliseconds of CLOCK_MONOTONIC, which all processes of a machine share. */
export function monotonicMilliseconds(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const never = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the thread, to within a tenth of a millisecond, and burns no CPU: the contenders need it. */
export function sleepUntil(time: number): void {
  for (let left = time - monotonicMilliseconds(); left > 0; left = time - monotonicMilliseconds()) {
    Atomics.wait(never, 0, 0, left);
  }
}
