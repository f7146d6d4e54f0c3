#!/bin/sh
# Process 1 of the sandbox. Its mounts, network and processes are its own: they all end when it does.
# $1 is the directory of the cluster; $2 its path in here; $3 and $4 are address and prefix of the node segment.
set -eu
directory=$1
inside=$2
address=$3
prefix=$4

# What would be written below /var/lib, e.g. by a hostPath volume, is written to the directory of the cluster.
mkdir -p "$directory/var-lib/upper" "$directory/var-lib/work" "$directory/kubelet" "$directory/containerd"
mount -n -t overlay -o "lowerdir=/var/lib,upperdir=$directory/var-lib/upper,workdir=$directory/var-lib/work" \
  overlay /var/lib
mkdir -p "$directory/run"
mount -n -t tmpfs -o mode=755 tmpfs "$directory/run"
mkdir "$directory/run/${inside#/run/}"
mount -n --bind "$directory" "$directory/run/${inside#/run/}"
mount -n --move "$directory/run" /run
# Container images are pulled from here, so names must be resolved. Some systems have a link to a file below /run.
resolver=$(readlink -f /etc/resolv.conf)
mkdir -p "${resolver%/*}"
[ -e "$resolver" ] || touch "$resolver"
mount -n --bind "$inside/configuration/resolv.conf" "$resolver"
for name in kubelet containerd; do
  mkdir -p "/var/lib/$name"
  mount -n --bind "$inside/$name" "/var/lib/$name"
done

# Logs of pods.
mkdir "$inside/var-log"
mount -n --bind "$inside/var-log" /var/log
# Volumes of pods appear in containers that run already.
mount -n --make-rshared /

# kubelet sets these for the whole machine unless it finds them as it wants them.
mkdir "$inside/kernel"
pretend() {
  file=$inside/kernel/$(echo "$1" | tr / -)
  echo "$2" >"$file"
  mount -n --bind "$file" "/proc/sys/$1"
}
pretend vm/overcommit_memory 1
pretend vm/panic_on_oom 0
pretend kernel/panic 10
pretend kernel/panic_on_oops 1
pretend kernel/keys/root_maxkeys 1000000
pretend kernel/keys/root_maxbytes 25000000

echo 1 >/proc/sys/net/ipv4/ip_forward
ip link set lo up
ip link add nodes type bridge
ip address add "$address/$prefix" dev nodes
ip link set nodes up

# Nobody waits for the orphans that it inherits: ignored, they vanish when they end.
trap '' CHLD
touch "$inside/sandbox-is-ready"
exec sleep infinity
