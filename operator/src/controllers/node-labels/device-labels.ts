import { nodeLabels, type MatchedDevice, type UsbDevice } from '@autoweave/crds';
import { matchedDevice } from '../../device-match.ts';
import type { PlacementRule } from './placement-rules.ts';

/** The labels that devices stand for. Each version of a device is looked at once for each set of rules. */
export class DeviceLabels {
  /** By vendor; those for any vendor under `undefined`. */
  #rules: ReadonlyMap<string | undefined, readonly PlacementRule[]> = new Map();
  #known = new WeakMap<UsbDevice, readonly string[]>();

  replaceRules(rules: readonly PlacementRule[]): void {
    const entries = rules.flatMap((rule) => (rule.vendorIds ?? [undefined]).map((vendorId) => ({ vendorId, rule })));
    const grouped = Map.groupBy(entries, ({ vendorId }) => vendorId);
    this.#rules = new Map([...grouped].map(([vendorId, found]) => [vendorId, found.map(({ rule }) => rule)]));
    this.#known = new WeakMap();
  }

  of(device: UsbDevice): readonly string[] {
    const known = this.#known.get(device);
    if (known !== undefined) return known;
    const described = matchedDevice(device);
    const labels = described === undefined ? [] : [...presenceLabels(described), ...this.#placementLabels(described)];
    this.#known.set(device, labels);
    return labels;
  }

  #placementLabels(described: MatchedDevice): readonly string[] {
    const rules = [...(this.#rules.get(described.vendorId) ?? []), ...(this.#rules.get(undefined) ?? [])];
    return rules.filter((rule) => rule.concerns(described)).map(({ label }) => label);
  }
}

function presenceLabels({ classes, productId, vendorId }: MatchedDevice): readonly string[] {
  const told = classes.filter((deviceClass) => deviceClass !== classOfInterfaces);
  return [nodeLabels.product(vendorId, productId), ...told.map(nodeLabels.deviceClass)];
}

/** A device class that only says: see the interfaces. */
const classOfInterfaces = '00';
