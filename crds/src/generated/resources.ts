// Generated from crds/manifests by `npm run generate`; do not edit.

/** Where the API server serves each kind. */
export const resources = {
  autoWeavePlugin: {
    group: 'autoweave.dev',
    version: 'v1alpha1',
    plural: 'autoweaveplugins',
    kind: 'AutoWeavePlugin',
    namespaced: true,
  },
  autoWeavePolicy: {
    group: 'autoweave.dev',
    version: 'v1alpha1',
    plural: 'autoweavepolicies',
    kind: 'AutoWeavePolicy',
    namespaced: false,
  },
  usbDevice: {
    group: 'autoweave.dev',
    version: 'v1alpha1',
    plural: 'usbdevices',
    kind: 'UsbDevice',
    namespaced: false,
  },
  usbNode: { group: 'autoweave.dev', version: 'v1alpha1', plural: 'usbnodes', kind: 'UsbNode', namespaced: false },
} as const;
