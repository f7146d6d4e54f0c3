/** All in milliseconds. */
export interface InventoryTiming {
  /** Between scans while edges are told, give or take a tenth. */
  readonly slowScan: number;
  /** Between scans while no edges are told. */
  readonly fastScan: number;
  /** How long an edge may lag behind what a scan sees. */
  readonly settle: number;
  /** From a hint to its scan while edges are told, which have the news anyway. */
  readonly hint: number;
  /** From a change of a device (a driver was bound) to reading it again. */
  readonly change: number;
  /** From something that failed to the next attempt. */
  readonly retry: number;
}

export const defaultTiming: InventoryTiming = {
  slowScan: 60_000,
  fastScan: 5000,
  settle: 100,
  hint: 1000,
  change: 50,
  retry: 1000,
};
