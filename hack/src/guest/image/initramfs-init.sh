#!/busybox sh
# First program of a guest: mounts the drives and hands over to the init of the repository.
/busybox mkdir -p /proc /dev /root
/busybox mount -t devtmpfs devtmpfs /dev
while read -r name; do
  /busybox insmod "/modules/$name.ko"
done </modules/order
/busybox mount -t ext4 /dev/vda /root
/busybox mount -t ext4 -o ro /dev/vdb /root/autoweave
/busybox mount -t ext4 -o ro /dev/vdc /root/autoweave/node_modules
/busybox mount --move /dev /root/dev
exec /busybox switch_root /root /autoweave/hack/src/guest/inside/init.sh
