// Generated from crds/manifests by `npm run generate`; do not edit.

import type { Condition, ObjectMeta } from '../kube-types.ts';

/**
 * The rules of the cluster. There is one, named `default`; without it no unsigned plugin runs and the defaults hold.
 */
export interface AutoWeavePolicy {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec: AutoWeavePolicySpec;
  readonly status?: AutoWeavePolicyStatus;
}

/**
 * The rules.
 */
export interface AutoWeavePolicySpec {
  readonly plugins?: AutoWeavePolicyPlugins;
  readonly devices?: AutoWeavePolicyDevices;
  /**
   * Stop every plugin at once. Nothing acts on it yet.
   */
  readonly lockdown?: boolean;
}

/**
 * Which plugins may run, and how large.
 */
export interface AutoWeavePolicyPlugins {
  /**
   * Namespaces whose plugins may run without a signature; absent, none.
   */
  readonly allowUnsigned?: readonly AutoWeavePolicyAllowUnsigned[];
  /**
   * No plugin gets more memory than this, whatever it asks for.
   */
  readonly maxMemoryMegabytes?: number;
  /**
   * No hook may run longer than this, whatever the plugin asks for.
   */
  readonly maxTimeoutSeconds?: number;
}

export interface AutoWeavePolicyAllowUnsigned {
  /**
   * Name of the namespace, or `*` for all of them.
   */
  readonly namespace: string;
}

/**
 * Which devices count, and how long they are remembered.
 */
export interface AutoWeavePolicyDevices {
  /**
   * After so many hours away the UsbDevice of a device that nobody marked `spec.expected` is deleted.
   */
  readonly retentionHours?: number;
  /**
   * So many absent devices that nobody expects are remembered per node; the longest absent go first. A device that changes its serial number with each plug thus cannot fill the cluster's storage.
   */
  readonly maxUnexpectedPerNode?: number;
  readonly filters?: AutoWeavePolicyFilters;
}

/**
 * Which devices count at all; others are neither listed nor told of.
 */
export interface AutoWeavePolicyFilters {
  /**
   * Only devices that match one of these count; absent or empty, all do.
   */
  readonly allow?: readonly AutoWeavePolicyFilter[];
  /**
   * Devices that match one of these do not count, even when allowed.
   */
  readonly deny?: readonly AutoWeavePolicyFilter[];
}

/**
 * Matches when every given field does.
 */
export interface AutoWeavePolicyFilter {
  /**
   * Four lowercase hex digits, e.g. `046d`.
   */
  readonly vendorId?: string;
  /**
   * Four lowercase hex digits, e.g. `c31c`.
   */
  readonly productId?: string;
  /**
   * Class of the device or of one of its interfaces, two lowercase hex digits, e.g. `03`.
   */
  readonly deviceClass?: string;
}

/**
 * What was observed. Nothing writes it yet.
 */
export interface AutoWeavePolicyStatus {
  /**
   * What is stated about the policy.
   */
  readonly conditions?: readonly Condition[];
}
