import type { ObjectMeta } from '@autoweave/crds';

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** An object of a kind this code has no type for. */
export type UntypedObject = KubeObject & Readonly<Record<string, unknown>>;

/** Any part of an object; `undefined` fields are not sent. */
export type Partially<T> = T extends readonly (infer Item)[]
  ? readonly Partially<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]?: Partially<T[Key]> | undefined }
    : T;

/** What the caller says about an object; `apiVersion` and `kind` are filled in from the resource. */
export type ApplyConfiguration<T> = Partially<T> & {
  readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
};

/** One page of a list. `continue` is there as long as more pages follow. */
export interface ObjectList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  readonly continue?: string;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string };
