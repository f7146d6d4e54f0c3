/**
 * Every error a user can meet. docs/errors.md has one heading a code; a test holds the two together.
 * `remedy` is what the reader should do next, in one sentence.
 */
export const errorCodes = {
  AW_CONFIG_INVALID:
    'Correct the named setting; the message names the flag or variable, its value and what is accepted.',
  AW_KUBECONFIG_INVALID: 'Point KUBECONFIG at a readable kubeconfig, or run inside a cluster with a service account.',
  AW_CONTEXT_UNKNOWN: 'Name a context of the kubeconfig; kubectl config get-contexts lists them.',
  AW_KUBE_REFUSED:
    'The API server refused the request; its reason is in the message. When it says forbidden, check the RBAC rules.',
  AW_KUBE_UNREACHABLE: 'Check the server address of the kubeconfig and the network; agents and operator keep trying.',
  AW_CRD_MISSING: 'Apply the custom resource definitions: kubectl apply --server-side -f crds/manifests.',
  AW_DEVICE_UNKNOWN:
    'Give the name of a UsbDevice, its alias, or the first letters of one; kubectl get usbdevices lists them.',
  AW_DEVICE_AMBIGUOUS: 'Give more letters of the name, or the whole name, so that one UsbDevice is meant.',
  AW_USB_UNAVAILABLE:
    'This node has no USB tree; load a USB host driver, or choose --usb-source=simulated to try things out.',
  AW_USB_UNREADABLE: 'The kernel did not answer for this device; unplug it, or see the kernel log. It is read again.',
  AW_USB_SOURCE_FAILED:
    'The kernel event source failed; the agent scans instead. See the message for the system error.',
  AW_JOURNAL_UNWRITABLE:
    'Free space on, or make writable, the directory of the journal; events are kept in memory until then.',
  AW_JOURNAL_LOCKED:
    'Another agent uses this journal; stop it, or give this one a directory of its own (--journal-directory).',
  AW_REDIS_UNREACHABLE: 'Check the Redis URL, the password and the network; the process keeps trying.',
  AW_REDIS_UNSAFE: 'Set maxmemory-policy noeviction and appendonly yes in Redis, or events and jobs can be lost.',
  AW_REDIS_TOO_OLD: 'Use Redis 7.0 or newer, or Valkey 7.2 or newer: functions are needed.',
  AW_SEQUENCE_GAP:
    'The stream lacks events of this node that the journal no longer holds; the state is right, edges are lost.',
  AW_EVENT_MALFORMED: 'Something other than an agent wrote to aw:hotplug; see the entry in aw:hotplug:dlq.',
  AW_EVENT_POISONED:
    'Handling this entry failed again and again; see the entry in aw:hotplug:dlq and the operator log.',
  AW_MANIFEST_MISSING: 'Add autoweave.plugin.json to the files of the source.',
  AW_MANIFEST_INVALID:
    'Correct the named field of autoweave.plugin.json; the schema is crds/schemas/plugin-manifest.schema.json.',
  AW_SOURCE_NOT_FOUND: 'Create the ConfigMap that spec.source names, in the namespace of the plugin.',
  AW_SOURCE_TOO_LARGE: 'Keep the files of a plugin below 512 KiB together; put data elsewhere.',
  AW_SOURCE_INVALID: 'Give every file of the manifest, and no other, as UTF-8 text.',
  AW_BUNDLE_MISSING:
    'Wait for the operator, which publishes the bundle again when it sees the executor; see its log if it does not.',
  AW_DIGEST_MISMATCH: 'The file is not the one the manifest lists; rebuild the manifest or restore the file.',
  AW_PLUGIN_NOT_PERMITTED:
    'Allow the plugin in AutoWeavePolicy default, e.g. spec.plugins.allowUnsigned for its namespace, or sign it.',
  AW_RUNTIME_UNSUPPORTED:
    'Set spec.runtime to Thread, or install AutoWeave with its chart, whose operator makes pods (--runner-pods).',
  AW_POD_UNEXPECTED: 'Set spec.runtime to Pod, or remove spec.pod.',
  AW_NAMESPACE_NOT_ALLOWED:
    'Create the plugin in a namespace where the operator may make pods, with the chart autoweave-plugins, or add this one to plugins.extraNamespaces (flag --plugin-namespaces).',
  AW_WORKLOAD_FORBIDDEN:
    'Give the operator the right that the message names; the chart does so for the namespaces of plugins that it knows.',
  AW_WORKLOAD_REFUSED:
    'Correct the named field of the plugin, or raise the quota or change the policy that refused it.',
  AW_POD_NOT_CREATED: 'Raise the quota, or relax the Pod Security level of the namespace, that the message names.',
  AW_POD_UNSCHEDULABLE:
    'Make room on the nodes that hold the device, or change spec.pod: nodeSelector, tolerations, resources.',
  AW_IMAGE_UNAVAILABLE: 'Correct the name of the image, push it, or add spec.pod.imagePullSecrets.',
  AW_POD_FAILING: 'See the log of the container (kubectl logs), correct the program or its settings.',
  AW_PLUGIN_LOAD_FAILED:
    'The plugin threw while it was loaded; see the message, correct the code and publish a new revision.',
  AW_PLUGIN_THREW: 'The hook threw; see the message and the plugin log.',
  AW_PLUGIN_TIMEOUT:
    'The hook did not answer in time and was ended; raise spec.resources.timeoutSeconds or make it faster.',
  AW_PLUGIN_OUT_OF_MEMORY: 'The plugin used more than spec.resources.memoryMegabytes and was ended.',
  AW_PLUGIN_ENDED: 'The isolate of the plugin ended while the hook ran; the next job starts it again.',
  AW_PLUGIN_GONE: 'The plugin was deleted or suspended before the job could run.',
  AW_RESULT_TOO_LARGE: 'Return at most 16 KiB of JSON from a hook; write more to storage of your own.',
  AW_RESULT_INVALID: 'Return JSON: no functions, no cycles, no BigInt, and at most 64 levels.',
  AW_PERMISSION_DENIED: 'The manifest does not ask for this capability; add it to permissions.',
  AW_STORE_FULL:
    'The plugin reached permissions.storage.maxKeys, or a value is over 16 KiB; delete keys or raise the limit.',
  AW_JOB_INVALID: 'Correct the named field of the job data; see docs for the shape.',
  AW_JOB_REFUSED: 'The waiting room is full; add the job again when some of its jobs have ended.',
  AW_JOB_EXPIRED: 'The job waited longer than its time to live; is the device plugged in, and its node alive?',
  AW_JOB_STALLED: 'The executor stopped several times while this job ran; see its log.',
  AW_RECORD_INVALID: 'Something other than an executor wrote to aw:results; see the entry in aw:results:dlq.',
  AW_RUNNER_UNAVAILABLE:
    'Wait, the job is tried again; if it lasts, see the runner pods of the namespace, or the log of the executor.',
  AW_RUNNER_REFUSED:
    'Start runners as the operator does: their token names their service account, node and audience; see the message.',
  AW_PROTOCOL_VIOLATION: 'The peer broke the runner protocol and was disconnected; use matching versions.',
  AW_TOOL_UNAVAILABLE:
    'Install the named tool and put it on PATH, or name its directory in KUBEBUILDER_ASSETS; the message lists what was tried.',
  AW_LOCAL_SERVER_FAILED:
    'The end of the server log in the message says why; free the port or the memory, and try again.',
} as const;

export type ErrorCode = keyof typeof errorCodes;
