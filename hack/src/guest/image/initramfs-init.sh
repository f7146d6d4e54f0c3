#!/busybox sh
# First program of a guest: mounts the system and the drive at /autoweave, and hands over to an init of that drive: the
# one that the kernel's command line names as autoweave.init=…, or that of the repository.
/busybox mkdir -p /proc /dev /root
/busybox mount -t proc proc /proc
/busybox mount -t devtmpfs devtmpfs /dev
while read -r name; do
  /busybox insmod "/modules/$name.ko"
done </modules/order
init=/autoweave/hack/src/guest/inside/init.sh
for word in $(/busybox cat /proc/cmdline); do
  case $word in autoweave.init=*) init=${word#autoweave.init=} ;; esac
done
/busybox mount -t ext4 /dev/vda /root
/busybox mount -t ext4 -o ro /dev/vdb /root/autoweave
/busybox mount --move /dev /root/dev
/busybox umount /proc
exec /busybox switch_root /root "$init"
