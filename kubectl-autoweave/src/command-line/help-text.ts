/** What help says besides the options. */
export const examples = {
  program: `
Examples:
  kubectl autoweave tree                       devices by node, bus, hub and port
  kubectl autoweave events --follow            devices that come and go, what plugins did
  kubectl autoweave why 046d-c31c              what runs for a device, and what does not
  kubectl autoweave doctor                     what is wrong with the installation

Exit codes: 0; 1 when it failed; 2 when the command line is wrong. doctor has its own.`,

  tree: `
Examples:
  kubectl autoweave tree
  kubectl autoweave tree desk-1 desk-2 --all
  kubectl autoweave tree -o json | jq -r '.nodes[] | select(.ready | not) | .name'`,

  eventsDescription: `Shows, oldest first:
- the Kubernetes Events that the operator wrote in that time: a device came or went, was lost with its node, is
  plugged in at two nodes at once (UsbAttached, UsbDetached, PresentOnSeveralNodes), a hook or job of a plugin ended
  (PluginSucceeded, PluginFailed), a plugin changed its state;
- the last time each device came or went at each node, from status.attachments of the UsbDevices. The operator leaves
  out Events of unexpected devices when there are very many; these lines are still there.
With --follow both are watched. What both tell is shown once. Shown is what the cluster knows: an edge between two
writes of a device (it came, went and came within milliseconds) has an Event but no line of its own, and Events are
kept for an hour unless the API server is set otherwise. The complete record, of every edge, is the Redis stream
aw:hotplug, which this command does not read.
--namespace: only Events of plugins in this namespace, and those of devices.`,

  events: `
Examples:
  kubectl autoweave events --since=10m
  kubectl autoweave events --follow --node desk-1
  kubectl autoweave events -f --device barcode-scanner-3 -o json | jq .message`,

  whyDescription: `Explains a device: what it is known by, where it is plugged in, and for each plugin whether its triggers and
permissions match and, if they do, what keeps it from running: the policy, a filter, suspend, a rejected source, a
conflict, a node without executor, a pod that is missing.
--namespace: only plugins of this namespace.`,

  why: `
Examples:
  kubectl autoweave why 046d-c31c-b75b58848b391825
  kubectl autoweave why barcode-scanner-3 --namespace shop
  kubectl autoweave why 046d -o yaml`,

  doctorDescription: `Checks what AutoWeave needs, one line each: OK, WARN or FAIL, and what to do. It only reads. What you may not see is a
WARN that names the permission.
--namespace: that of the operator, when it cannot be found by its labels. Default: autoweave-system.
Exit codes: 0 when all is OK, 1 with a WARN, 2 with a FAIL or when the API server cannot be reached.`,

  doctor: `
Examples:
  kubectl autoweave doctor
  kubectl autoweave doctor -o json | jq '.checks[] | select(.status != "OK")'`,

  completion: `
Examples:
  source <(kubectl autoweave completion bash)
  kubectl autoweave completion zsh > "\${fpath[1]}/_kubectl-autoweave"
  kubectl autoweave completion fish > ~/.config/fish/completions/kubectl-autoweave.fish

For "kubectl autoweave <TAB>" kubectl (1.26 or newer) asks a program of its own:
  kubectl autoweave completion kubectl > /usr/local/bin/kubectl_complete-autoweave
  chmod +x /usr/local/bin/kubectl_complete-autoweave`,
} as const;
