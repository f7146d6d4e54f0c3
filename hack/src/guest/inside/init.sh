#!/bin/sh
# Process 1 of a guest: a small Linux with udevd, USB drivers and the network, and the daemon that runs commands.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t ext4 -o ro /dev/vdc /autoweave/node_modules
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
hostname guest

# The token comes by the kernel's command line: autoweave.token=…
for word in $(cat /proc/cmdline); do
  case $word in autoweave.token=*) token=${word#autoweave.token=} ;; esac
done
ln -s /autoweave/node_modules/node/bin/node /usr/local/bin/node
cd /autoweave
# Node takes seconds to start here; meanwhile the rest is made ready.
AUTOWEAVE_GUEST_TOKEN=$token node hack/src/guest/inside/daemon.ts &
daemon=$!

modprobe virtio_net
ip link set lo up
ip link set eth0 up
ip address add 10.0.2.15/24 dev eth0
ip route add default via 10.0.2.2

/lib/systemd/systemd-udevd --daemon
modprobe -a xhci_pci usbhid usb_storage cdc_acm ftdi_sio
udevadm trigger --action=add --subsystem-match=usb
udevadm settle
while [ ! -e /run/daemon ]; do sleep 0.1; done
echo 'The guest is ready'

wait "$daemon"
echo 'The daemon of the guest ended'
poweroff -f
