interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>;
}

export function isInstalled(wanted: Lock, installed: Lock): boolean;
export function dependenciesAreInstalled(root: string): Promise<boolean>;
