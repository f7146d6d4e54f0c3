export interface HintOptions {
  readonly kubeconfigPath: string;
  readonly kubectlDirectory: string;
  /** PATH of the user. */
  readonly searchPath: string;
}

/** What to type beside the live view. */
export function hintLines({ kubeconfigPath, kubectlDirectory, searchPath }: HintOptions): readonly string[] {
  const path = searchPath.split(':').includes(kubectlDirectory) ? [] : [`  export PATH="$PATH:${kubectlDirectory}"`];
  return [
    'In another terminal:',
    `  export KUBECONFIG=${kubeconfigPath}`,
    ...path,
    '  kubectl get usbdevices',
    '  kubectl get awp',
    '  kubectl describe usbdevice <name>',
    'Ctrl-C stops everything.',
  ];
}
