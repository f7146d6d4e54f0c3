#!/bin/sh
# Builds what a guest boots from into the directory $1, as root: root.ext4, vmlinuz and initramfs.
# $2 is Debian's name of the architecture.
set -eu
out=$1
architecture=$2
suite=bookworm
here=$(dirname "$0")

work=$(mktemp -d "$out/work.XXXXXX")
trap 'rm -rf "$work"' EXIT
root=$work/root
initramfs=$work/initramfs

# Beyond a minimal system Node needs libatomic1, kube-proxy nftables; busybox and cpio make the initramfs.
mmdebstrap --quiet --variant=minbase --architectures="$architecture" \
  --include=udev,kmod,iproute2,libatomic1,nftables,busybox-static,cpio "$suite" "$root"
# Extracted only: its maintainer scripts would build an initramfs of their own.
mmdebstrap --quiet --variant=extract --architectures="$architecture" \
  --include="linux-image-$architecture" "$suite" "$work/kernel"

release=$(ls "$work/kernel/lib/modules")
modules=$root/lib/modules/$release
cp -a "$work/kernel/lib/modules/$release" "$root/lib/modules.new"
mkdir -p "$root/lib/modules"
mv "$root/lib/modules.new" "$modules"
cp "$work/kernel/boot/vmlinuz-$release" "$out/vmlinuz"
# Half of the modules drive hardware that QEMU does not have.
rm -rf "$modules/kernel/drivers/gpu" "$modules/kernel/drivers/media" "$modules/kernel/drivers/infiniband" \
  "$modules/kernel/drivers/net/ethernet" "$modules/kernel/drivers/net/wireless"
chroot "$root" depmod "$release"

# What mounts the root, in the order of their dependencies; the list becomes the order of loading.
mkdir -p "$initramfs/modules"
for name in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci virtio_blk \
  crc16 mbcache crc32c_generic libcrc32c jbd2 ext4; do
  cp "$(find "$modules" -name "$name.ko")" "$initramfs/modules/"
  echo "$name" >>"$initramfs/modules/order"
done
cp "$root/bin/busybox" "$initramfs/busybox"
cp "$here/initramfs-init.sh" "$initramfs/init"
chmod 755 "$initramfs/init"
mv "$initramfs" "$root/initramfs"
chroot "$root" sh -c 'cd /initramfs && find . | cpio --quiet --create --format=newc' | gzip -1 >"$out/initramfs"
rm -rf "$root/initramfs"

# The other drives are mounted here.
mkdir -p "$root/autoweave"
echo guest >"$root/etc/hostname"
echo '127.0.0.1 localhost guest' >"$root/etc/hosts"
mke2fs -q -t ext4 -O ^has_journal -d "$root" "$out/root.ext4" 1500M
chmod a+r "$out/root.ext4" "$out/vmlinuz" "$out/initramfs"
