#!/bin/bash
# SPDX-License-Identifier: (MIT OR GPL-2.0-only)
# The balancer between real network stacks: client, gateway, balancer and real
# in network namespaces, joined by veth. Nothing of it is seen outside: the
# script runs itself in mount and network namespaces of its own.
#   integration.sh path/to/xdplb
# The real only receives: what it would do with IPIP is the kernel's to test.
set -u

if [ -z "${XDPLB_INSIDE:-}" ]; then
	for tool in ip tcpdump unshare setpriv; do
		command -v "$tool" >/dev/null || { echo "integration: $tool is not installed" >&2; exit 1; }
	done
	xdplb=$(realpath "$1") || exit 1
	XDPLB_INSIDE=1 exec unshare --net --mount --pid --fork --kill-child "$0" "$xdplb"
fi

passed=0 failed=0
work=$(mktemp -d)
trap 'umount "$work/bpf"; rm -rf "$work"' EXIT
vip=192.168.10.1
gateway_mac=02:42:0a:6f:dd:0c

# ok NAME COMMAND...: one case.
ok() {
	local name=$1
	shift
	if "$@" >"$work/said" 2>&1; then
		passed=$((passed + 1))
		echo "ok   $name"
	else
		failed=$((failed + 1))
		echo "FAIL $name"
		sed 's/^/       /' "$work/said"
	fi
}

not() { ! "$@"; }

# The capabilities a container gets in a lab, and no more.
xdplb_at() { # NODE STATE ARGUMENTS...
	local node=$1 state=$2
	shift 2
	ip netns exec "$node" setpriv --bounding-set -all,+net_admin,+sys_admin --inh-caps -all \
		"$XDPLB" "$@" --pin "$work/bpf/$state"
}

lb() { xdplb_at lb xdplb "$@"; }

says() { # TEXT COMMAND...: fails unless the command's output holds the text
	local text=$1
	shift
	"$@" >"$work/output" 2>&1
	cat "$work/output"
	grep -qF -- "$text" "$work/output"
}

join() { # NODE DEVICE ADDRESS NODE DEVICE ADDRESS
	ip link add "$2" netns "$1" type veth peer name "$5" netns "$4"
	ip -n "$1" addr add "$3/24" dev "$2"
	ip -n "$4" addr add "$6/24" dev "$5"
	ip -n "$1" link set "$2" up
	ip -n "$4" link set "$5" up
}

set_up() {
	mount -t tmpfs tmpfs /run && mkdir -p /run/netns "$work/bpf" && mount -t bpf bpf "$work/bpf" || return 1
	for node in client gateway lb real; do
		ip netns add "$node" && ip -n "$node" link set lo up || return 1
		ip netns exec "$node" sh -c 'echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter;
			echo 0 >/proc/sys/net/ipv4/conf/default/rp_filter; echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
	done
	join client eth0 10.111.220.11 gateway eth0 10.111.220.12
	join lb eth0 10.111.221.11 gateway eth1 10.111.221.12
	join real eth0 10.111.222.11 gateway eth2 10.111.222.12
	ip -n real addr add 10.111.222.13/24 dev eth0
	ip -n gateway link set eth1 address "$gateway_mac"
	ip netns exec gateway sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
	ip -n client route add default via 10.111.220.12
	ip -n lb route add default via 10.111.221.12
	ip -n gateway route add "$vip" via 10.111.221.11
}

# A SYN, and another after a second, as nobody answers: on a busy machine the
# first may be late, so no case counts on how many there are.
connect() { # ADDRESS PORT TIMES
	local pids=()
	for _ in $(seq "$3"); do
		ip netns exec client timeout 2.5 bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null &
		pids+=($!)
	done
	wait "${pids[@]}"
	true
}

datagram() { # PORT BYTES
	ip netns exec client bash -c "head -c $2 /dev/zero | dd bs=$2 iflag=fullblock status=none >/dev/udp/$vip/$1"
}

sent() { lb stats -f json | sed 's/.*"tx":\([0-9]*\).*/\1/'; }

capture() {
	sent_before=$(sent)
	rm -f "$work/real.pcap"
	# -s: the buffer is cut into slots for the largest frame, which with GRO are 32, too few for a burst.
	ip netns exec real tcpdump -i eth0 -s 2048 -n -U --immediate-mode -w "$work/real.pcap" 'ip proto 4' 2>"$work/tcpdump" &
	tcpdump_pid=$!
	for _ in $(seq 50); do
		grep -q 'listening on' "$work/tcpdump" && return
		sleep 0.1
	done
	return 1
}

# One line a packet: tcpdump indents what follows on the first line.
join_lines() { awk '/^[0-9]/ { if (line) print line; line = $0; next } { line = line " " $0 } END { if (line) print line }'; }

# Waits for what was sent to arrive, but not for ever.
stop_capture() { # LEAST: packets that must have been sent
	local sent_now
	arrived=0
	for _ in $(seq 50); do
		tcpdump -r "$work/real.pcap" -n -v 2>/dev/null | join_lines >"$work/packets"
		arrived=$(grep -c . "$work/packets")
		sent_now=$(($(sent) - sent_before))
		[ "$sent_now" -ge "$1" ] && [ "$arrived" -ge "$sent_now" ] && break
		sleep 0.1
	done
	kill -INT "$tcpdump_pid"
	wait "$tcpdump_pid" 2>/dev/null
}

all_arrived() {
	local sent_now
	sent_now=$(sent)
	[ "$arrived" -gt 0 ] && [ "$arrived" = "$((sent_now - sent_before))" ] && return
	echo "$arrived arrived, $((sent_now - sent_before)) were sent"
	return 1
}

matching() { grep -cE -- "$1" "$work/packets"; }

every_packet() { # PATTERN: and there is one at least
	[ "$arrived" -gt 0 ] && [ "$(matching "$1")" = "$arrived" ] && return
	echo "$(matching "$1") of $arrived match: $1"
	cat "$work/packets"
	return 1
}

# Client ports (of connections to a VIP) and the reals each was sent to.
flows() { sed -nE 's/.*10\.111\.221\.11 > (10\.111\.222\.[0-9]+): .*10\.111\.220\.11\.([0-9]+) > .*/\2 \1/p' "$work/packets" | sort -u; }

flows_are() { # COUNT: and each went to one real only
	[ "$(flows | wc -l)" = "$1" ] && [ "$(flows | cut -d' ' -f1 | uniq | wc -l)" = "$1" ] && return
	flows
	return 1
}

json_has() { says "$1" lb stats -f json; }

attach() { # MODE
	lb attach --dev eth0 --mode "$1" --source 10.111.221.11 --next-hop-mac "$gateway_mac"
}

# What is wrong with a command is said, and exits 2.
misused() { # TEXT ARGUMENTS...
	local text=$1
	shift
	lb "$@" >"$work/output" 2>&1
	[ $? = 2 ] && grep -qF -- "$text" "$work/output" && return
	cat "$work/output"
	return 1
}

usage() {
	local with="--dev eth0 --source 10.111.221.11" mac="--next-hop-mac $gateway_mac"
	ok "attach needs a next hop" misused "needs --next-hop-mac MAC or --next-hop fib" attach $with
	ok "and one only" misused "and not both" attach $with $mac --next-hop fib
	ok "attach needs a source" misused "attach needs --source" attach --dev eth0 $mac
	ok "and one of each family only" misused "exclude each other" attach $with $mac --src-prefix 172.16.0.0/16
	ok "--source is IPv4" misused "must be an IPv4 host" attach --dev eth0 $mac --source 2001:db8::1
	ok "--source6 is IPv6" misused "must be an IPv6 host" attach $with $mac --source6 10.0.0.1
	ok "--src-prefix leaves bits" misused "must be a network" attach --dev eth0 $mac --src-prefix 172.16.0.0/32
	ok "--src-prefix6 varies the last 32 at most" misused "up to /96" attach --dev eth0 $mac --src-prefix6 0100::/97
	ok "--mtu has a least" misused "--mtu 575: must be a number from 576" attach $with $mac --mtu 575
	ok "--mode has two values" misused "must be generic or native" attach $with $mac --mode driver
	ok "--capacity is a number" misused "--capacity 0: must be" attach $with $mac --capacity 0
	ok "--icmp-echo takes no value" misused "takes no value" attach $with $mac --icmp-echo=yes
	ok "--gue-port goes with gue" misused "with --encap gue only" vip add "$vip/tcp" --gue-port 7
	ok "vip has three commands" misused "must be one of: add, del, list" vip change "$vip/tcp"
	ok "real wants a command" misused "real needs one of" real
	ok "--watch has its options to itself" misused "with --watch only" stats --rounds 2
	ok "an option of another command" misused "--weight has no meaning for vip" vip add "$vip/tcp" --weight 2
	ok "nothing was made by all that" not test -e "$work/bpf/xdplb"
}

XDPLB=$1
set_up || { echo "integration: cannot set up the namespaces" >&2; exit 1; }

usage
ok "vip add works before attach" lb vip add "$vip/tcp"
ok "real add" lb real add "$vip/tcp" 10.111.222.11
ok "attach says its mode" says "attached to eth0 in generic mode" attach generic
ok "the kernel agrees" says "xdpgeneric" ip -n lb link show eth0
ok "attach again replaces" says "replaced on eth0 in generic mode" attach generic
ok "another balancer's device is left alone" says "runs another XDP program (xdplb" \
	xdplb_at lb other attach --dev eth0 --source 10.111.221.11 --next-hop-mac "$gateway_mac"
ok "the host is still reached through the program (ARP, TCP)" says "refused" \
	ip netns exec client timeout 2 bash -c 'exec 3<>/dev/tcp/10.111.221.11/9'

capture
connect "$vip" 80 3
connect "$vip" 81 1
stop_capture 4
ok "all that was sent arrives at the real" all_arrived
ok "and is four flows' SYNs" flows_are 4
ok "encapsulated, inner header as it came" every_packet "10.111.220.11.[0-9]+ > $vip.8[01]: Flags \[S\]"
ok "outer addresses are balancer and real" every_packet "10.111.221.11 > 10.111.222.11: IP"
ok "outer header: id 0, no DF, TTL 64 less the gateway" every_packet \
	"ttl 63, id 0, offset 0, flags \[none\], proto IPIP \(4\), length 80"
ok "no bad header checksum" test "$(matching 'bad cksum')" = 0
ok "inner TTL is the client's less the gateway" every_packet "ttl 63, id [0-9]+, offset 0, flags \[DF\], proto TCP"
ok "counters agree with what arrived" json_has \
	"\"reals\":[{\"address\":\"10.111.222.11\",\"weight\":1,\"packets\":$arrived,\"bytes\":$((arrived * 60)),\"connections\":$arrived,\"draining\":false}]"
ok "the report says where it is attached" json_has '"attached":[{"dev":"eth0","mode":"generic","next_hop":"02:42:0a:6f:dd:0c","mtu":1500,"icmp_echo":false}]'

lb real add "$vip/tcp" 10.111.222.13 >"$work/said"
capture
connect "$vip" 80 20
stop_capture 20
ok "with two reals, all that was sent arrives" all_arrived
ok "each of 20 flows stays at one real" flows_are 20
first=$(flows | grep -c '10.111.222.11$')
second=$(flows | grep -c '10.111.222.13$')
ok "both reals have some ($first and $second)" test "$first" -ge 2 -a "$second" -ge 2
packets=$(matching '> 10.111.222.13: IP')
ok "the second real's counters are what it got" json_has \
	"\"address\":\"10.111.222.13\",\"weight\":1,\"packets\":$packets,\"bytes\":$((packets * 60)),\"connections\":$packets"

lb vip add "$vip:53/udp" >"$work/said"
lb real add "$vip:53/udp" 10.111.222.13 >"$work/said"
capture
datagram 53 100
datagram 54 100
stop_capture 1
ok "a datagram to the UDP VIP's port arrives" all_arrived
ok "one to another port does not" test "$arrived" = 1 -a "$(matching "> $vip.53: ")" = 1
ok "UDP has no connections" json_has '"packets":1,"bytes":128,"reals":[{"address":"10.111.222.13","weight":1,"packets":1,"bytes":128,"connections":0,"draining":false}]'

# Without the outer header's 20 bytes there is room for it in no packet.
for node in client gateway lb; do
	for device in eth0 eth1; do
		ip -n "$node" link set "$device" mtu 65535 2>"$work/said"
	done
done
datagram 53 65500
ok "a packet too long for an outer header is answered and counted" json_has '"icmp_too_big":1'

# Not the whole report: an ARP packet in between is counted as passed.
balanced() { echo "$(sent) $(lb stats -f json | sed 's/"global".*//')"; }
before=$(balanced)
ok "attach again keeps VIPs and counters" eval 'attach generic && test "$(balanced)" = "$before"'

two_reports() { [ "$(lb stats --watch --rounds 2 --interval 0 -f json | grep -c '^{"schema":1.*}$')" = 2 ]; }
ok "stats --watch reports again and again" two_reports
ok "a watcher leaves the state to others" eval 'lb stats --watch --rounds 3 >"$work/watch" & lb real weight "$vip/tcp" 10.111.222.13 2; wait $!'
ok "a weight is changed" says "weight 2" lb real list "$vip/tcp"
ok "a real is drained" says "gets no new flows" lb real drain "$vip/tcp" 10.111.222.13
ok "which shows" says "weight 2, draining" lb show
ok "VIPs are listed" says "VIP $vip:53/udp" lb vip list
ok "conns lists the UDP flow" says '"protocol":"udp","real":"10.111.222.13"' lb conns -f json
printf 'vip %s/tcp\nreal 10.111.222.11\nreal 10.111.222.13 weight 2\n' "$vip" >"$work/services"
ok "a file is loaded" says "1 VIPs, 2 reals" lb load "$work/services"
ok "what it does not name is gone" not says "udp" lb vip list

ok "detach" says "detached from eth0" lb detach --dev eth0
ok "the kernel agrees it is gone" not says "xdp" ip -n lb link show eth0
capture
connect "$vip" 80 2
stop_capture 0
ok "after detach nothing arrives" test "$arrived" = 0
ok "after detach nothing is counted" test "$(sent)" = "$sent_before"
ok "after detach the report says so" json_has '"attached":[]'
ok "detach again says there is nothing" says "no XDP program runs on eth0" lb detach --dev eth0

# Native XDP_TX on a veth reaches the peer only if that runs XDP too: another
# xdplb, without VIPs, passes all.
for node in client gateway lb; do
	for device in eth0 eth1; do
		ip -n "$node" link set "$device" mtu 1500 2>"$work/said"
	done
done
ok "attach in native mode tells veth's condition" says "its peer runs an XDP program" attach native
xdplb_at gateway gateway attach --dev eth1 --mode native --source 10.111.221.12 --next-hop-mac 02:42:0a:6f:dd:0b >"$work/said" 2>&1
capture
connect "$vip" 80 5
stop_capture 5
ok "in native mode all that was sent arrives, too" all_arrived
ok "and is five flows" flows_are 5
ok "a change of mode is said" says "eth0 changes from native to generic mode" attach generic

echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
