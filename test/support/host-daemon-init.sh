# Process 1 of a private Docker daemon for tests (see host-daemon.ts). Argument: CGROUP, a path below each controller's root.
# Lives until its standard input ends, which it also does when the test runner is killed. With it end all processes of its
# process namespace, and with these the mounts, the network and the cgroups.
cgroup=$1
busybox umount -l /old
busybox ip link set lo up

(
	dockerd --host unix:///work/docker.sock --data-root /work/data --exec-root /run/docker --pidfile /run/docker.pid \
		--cgroup-parent "$cgroup" --exec-opt native.cgroupdriver=cgroupfs >/work/dockerd.log 2>&1 </dev/null
	echo $? >/work/exit
) &
busybox cat >/dev/null

# dockerd would give each container 10 s to end; nothing here deserves them. First the shims' children, then the daemon.
busybox find /sys/fs/cgroup/*"$cgroup" -name cgroup.procs 2>/dev/null | while read -r file; do
	busybox cat "$file" 2>/dev/null | busybox xargs -r busybox kill -KILL 2>/dev/null
done
busybox kill -TERM "$(busybox cat /run/docker.pid)" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	[ -e /work/exit ] && break
	busybox sleep 0.25
done
busybox kill -KILL -1 2>/dev/null
busybox sleep 0.1
busybox find /sys/fs/cgroup/*"$cgroup" -depth -type d 2>/dev/null | while read -r dir; do busybox rmdir "$dir"; done
# The folder itself is a mount point here; `stop` removes it.
# dockerd mounts its data on itself.
busybox umount -l /work/data 2>/dev/null
busybox rm -rf /work/* 2>/dev/null
