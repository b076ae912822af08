#!/bin/bash
# SPDX-License-Identifier: (MIT OR GPL-2.0-only)
# What a packet costs in xdplb's data plane, in ns, and what its maps take.
#   bench/xdplb.sh [ROUNDS [CAPACITY]]     as root; no network is touched
# Packages: images/builder/packages.txt. OUT names the build directory.
set -eu

here=$(realpath "$(dirname "$0")")
out=$(realpath -m "${OUT:-$here/../bpf/xdplb/build/bench}")
make -s -C "$here/xdplb" OUT="$out" >/dev/null
echo "machine: $(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -1), $(nproc) CPUs, kernel $(uname -r), load $(cut -d' ' -f1-3 /proc/loadavg)"
exec "$out/xdplb-bench" "$@"
