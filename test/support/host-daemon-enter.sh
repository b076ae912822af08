# First half of a private Docker daemon for tests (see host-daemon.ts): gives the namespaces we are in a file system of
# unpacked packages and passes on to host-daemon-init.sh inside it. Arguments: TREE WORK CGROUP.
set -eu
tree=$1 work=$2 cgroup=$3

mount --bind "$tree" "$tree"
cd "$tree"
mkdir -p proc sys dev run tmp work old etc
mount -t proc proc proc
# A sysfs of this network namespace, which libnetwork writes bridge settings to. It hides the cgroup mounts: bring them back.
mount -t sysfs sysfs sys
mount --rbind /sys/fs/cgroup sys/fs/cgroup
mount --rbind /dev dev
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
mount --bind "$work" work
# Not chroot: runc's own pivot_root refuses to work there.
pivot_root . old
cd /
PATH=/usr/sbin:/usr/bin exec busybox sh /work/init.sh "$cgroup"
