/** The part of an object's metadata that our kinds rely on. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
}

/** One statement about an object, as every kind of ours carries them in `status.conditions`. */
export interface Condition {
  /** One of `conditionTypes`, or of an agent's own. */
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  /** `metadata.generation` that this was stated about. */
  readonly observedGeneration?: number;
  /** RFC 3339; moves only when `status` changes. */
  readonly lastTransitionTime: string;
  /** CamelCase, for programs. */
  readonly reason: string;
  readonly message: string;
}
