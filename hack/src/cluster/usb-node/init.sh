#!/bin/sh
# Process 1 of the guest that is a node: a small Linux with udevd, USB drivers, containerd, kubelet and kube-proxy.
# /autoweave has the configuration of this cluster (read-only), /dev/vdc programs and images.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
. /autoweave/settings

mount -n -t proc proc /proc
mount -n -t sysfs sysfs /sys
mkdir -p /dev/pts /dev/shm
mount -n -t devpts devpts /dev/pts
mount -n -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -n -t tmpfs -o mode=755 tmpfs /run
mount -n -t tmpfs -o mode=1777 tmpfs /tmp
mount -n -t cgroup2 cgroup2 /sys/fs/cgroup
for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
  echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
done
hostname "$NODE_NAME"

mkdir -p /run/autoweave /node /var/lib/kubelet /var/lib/containerd
mount -n --bind /autoweave /run/autoweave
mount -n -t ext4 /dev/vdc /node
mount -n --bind /node/containerd /var/lib/containerd
mkdir -p /node/kubelet
cp -r /autoweave/seccomp /node/kubelet/
mount -n --bind /node/kubelet /var/lib/kubelet
cp /autoweave/configuration/resolv.conf /etc/resolv.conf
# Volumes of pods appear in containers that run already.
mount -n --make-rshared /

modprobe -a virtio_net overlay
echo 1 >/proc/sys/net/ipv4/ip_forward
ip link set lo up
ip address add "$NODE_ADDRESS" dev eth0
ip link set eth0 up
ip route add default via "$MACHINE_ADDRESS"
ip route add "$OTHER_PODS" via "$OTHER_NODE"
nft -f /autoweave/masquerade.nft

/lib/systemd/systemd-udevd --daemon
modprobe -a xhci_pci usbhid usb_storage cdc_acm ftdi_sio
udevadm trigger --action=add --subsystem-match=usb

# Starts a server again whenever it ends.
serve() {
  while :; do
    "$@"
    echo "$1 ended with $?"
    sleep 1
  done
}
serve /node/bin/containerd --config=/run/autoweave/configuration/containerd-usb.toml --log-level=warn &
serve /node/bin/kubelet --config=/run/autoweave/configuration/kubelet-usb.yaml \
  --kubeconfig=/run/autoweave/configuration/kubelet-usb.kubeconfig --root-dir=/var/lib/kubelet \
  --hostname-override="$NODE_NAME" --node-ip="${NODE_ADDRESS%/*}" &
serve /node/bin/kube-proxy --config=/run/autoweave/configuration/kube-proxy-usb.yaml &
wait
