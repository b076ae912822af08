#!/usr/bin/env python3
# SPDX-License-Identifier: (MIT OR GPL-2.0-only)
"""Real connections through the balancer: client, gateway, balancer and two reals in network namespaces.

    endtoend.py path/to/xdplb        as root; needs iproute2

The reals' kernel opens no tunnels here: xdplb decap does. Nothing of it is seen outside, as the script runs itself in
mount and network namespaces of its own.
"""
import contextlib, ctypes, fcntl, hashlib, json, os, socket, struct, subprocess, sys, threading

if not os.environ.get("XDPLB_INSIDE"):
    os.environ["XDPLB_INSIDE"] = "1"
    os.environ["XDPLB"] = os.path.realpath(sys.argv[1])
    os.execvp("unshare", ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", sys.executable, os.path.realpath(__file__)])

XDPLB = os.environ["XDPLB"]
VIP, VIP6 = "192.168.10.1", "2001:db8:10::1"
MAC = "02:42:0a:6f:dd:0c"
MEGABYTE = bytes(range(256)) * 4096
libc = ctypes.CDLL(None, use_errno=True)
home = os.open("/proc/self/ns/net", os.O_RDONLY)
results = {"passed": 0, "failed": 0}


def sh(command, check=True):
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    if check and done.returncode:
        raise RuntimeError(f"{command}: {done.stderr}{done.stdout}")
    return done.stdout + done.stderr


def check(name, ok, detail=""):
    results["passed" if ok else "failed"] += 1
    print(f"{'ok  ' if ok else 'FAIL'} {name}" + ("" if ok else f": {detail}"), flush=True)


@contextlib.contextmanager
def inside(node):
    """Sockets made in here belong to the node's namespace and stay there."""
    fd = os.open(f"/run/netns/{node}", os.O_RDONLY)
    libc.setns(fd, 0x40000000)
    try:
        yield
    finally:
        libc.setns(home, 0x40000000)
        os.close(fd)


def no_checksum_offload(node, device):
    """As ethtool -K DEV tx off. Native XDP sends a frame on as it is, and nobody completes the checksums any more."""
    with inside(node):
        asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    value = ctypes.create_string_buffer(struct.pack("II", 0x17, 0))     # ETHTOOL_STXCSUM
    with asked:
        fcntl.ioctl(asked, 0x8946, struct.pack("16sP", device.encode(), ctypes.addressof(value)))       # SIOCETHTOOL


def lb(arguments, check=True):
    return sh(f"ip netns exec lb {XDPLB} {arguments} --pin /run/bpf/xdplb", check)


def stats():
    return json.loads(lb("stats -f json"))


def join(a, device_a, ends_a, b, device_b, ends_b):
    sh(f"ip link add {device_a} netns {a} type veth peer name {device_b} netns {b}")
    for node, device, ends in ((a, device_a, ends_a), (b, device_b, ends_b)):
        for end in ends:
            sh(f"ip -n {node} addr add {end} dev {device} {'nodad' if ':' in end else ''}")
        # Packets must come as they would from a wire: no frame of many times the MTU.
        sh(f"ip -n {node} link set {device} gso_max_segs 1 up")


def set_up():
    sh("mount -t tmpfs tmpfs /run && mkdir -p /run/netns /run/bpf && mount -t bpf bpf /run/bpf")
    for node in ("client", "gateway", "lb", "real1", "real2"):
        sh(f"ip netns add {node} && ip -n {node} link set lo up")
        sh(f"ip netns exec {node} sh -c 'for f in all default; do echo 0 >/proc/sys/net/ipv4/conf/$f/rp_filter; done'")
    sh("ip netns exec gateway sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'")
    join("client", "eth0", ("10.111.220.11/24", "2001:db8:220::11/64"), "gateway", "eth0", ("10.111.220.12/24", "2001:db8:220::12/64"))
    join("lb", "eth0", ("10.111.221.11/24", "2001:db8:221::11/64"), "gateway", "eth1", ("10.111.221.12/24", "2001:db8:221::12/64"))
    join("real1", "eth0", ("10.111.222.11/24", "2001:db8:222::11/64"), "gateway", "eth2", ("10.111.222.12/24", "2001:db8:222::12/64"))
    join("real2", "eth0", ("10.111.223.11/24", "2001:db8:223::11/64"), "gateway", "eth3", ("10.111.223.12/24", "2001:db8:223::12/64"))
    sh(f"ip -n gateway link set eth1 address {MAC}")
    sh(f"ip -n gateway route add {VIP} via 10.111.221.11 && ip -n gateway -6 route add {VIP6} via 2001:db8:221::11")
    for node, net in (("client", 220), ("lb", 221), ("real1", 222), ("real2", 223)):
        sh(f"ip -n {node} route add default via 10.111.{net}.12 && ip -n {node} -6 route add default via 2001:db8:{net}::12")
    for node in ("real1", "real2"):
        sh(f"ip -n {node} addr add {VIP}/32 dev lo && ip -n {node} addr add {VIP6}/128 dev lo nodad")
        print(sh(f"ip netns exec {node} {XDPLB} decap attach --dev eth0").strip())
        with inside(node):
            server = socket.create_server(("", 80), family=socket.AF_INET6, dualstack_ipv6=True, backlog=200)
        threading.Thread(target=accept, args=(server, node), daemon=True).start()


def accept(server, name):
    while True:
        connection, _ = server.accept()
        threading.Thread(target=serve, args=(connection, name), daemon=True).start()


def serve(connection, name):
    """First line: echo (each line comes back with the server's name), upload (answers with a digest) or download."""
    try:
        with connection, connection.makefile("rwb") as file:
            word = file.readline().strip()
            if word == b"download":
                file.write(MEGABYTE)
            elif word == b"upload":
                file.write(hashlib.sha256(file.read()).hexdigest().encode())
            while word == b"echo" and (line := file.readline()):
                file.write(name.encode() + b" " + line)
                file.flush()
    except OSError:
        pass


def connect(address, port=80):
    with inside("client"):
        return socket.create_connection((address, port), timeout=8)


def upload(address):
    try:
        with connect(address) as connection:
            connection.sendall(b"upload\n" + MEGABYTE)
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(100).decode() == hashlib.sha256(MEGABYTE).hexdigest()
    except OSError as error:
        return error


def download(address):
    try:
        with connect(address) as connection:
            connection.sendall(b"download\n")
            with connection.makefile("rb") as file:
                return file.read() == MEGABYTE
    except OSError as error:
        return error


def both_ways(name, address):
    up, down = upload(address), download(address)
    check(f"{name}: a megabyte each way arrives as sent", up is True and down is True, f"up {up}, down {down}, {stats()['global']}")


def say(connection, word):
    """Who answered, or why nobody did."""
    try:
        connection.sendall(word + b"\n")
        return connection.recv(100).split(b" ")[0].decode() or "closed"
    except OSError as error:
        return type(error).__name__


def attach(extra):
    return lb(f"attach --dev eth0 --mode generic --source 10.111.221.11 --source6 2001:db8:221::11 {extra}")


def test_families():
    attach(f"--next-hop-mac {MAC}")
    lb(f"vip add {VIP}:80/tcp"), lb(f"vip add [{VIP6}]:80/tcp")
    lb(f"real add {VIP}:80/tcp 10.111.222.11"), lb(f"real add [{VIP6}]:80/tcp 2001:db8:222::11")
    both_ways("4in4", VIP)
    check("4in4: the client was told what fits", stats()["global"]["icmp_too_big"] > 0, stats()["global"])
    both_ways("6in6", VIP6)
    lb(f"real add {VIP}:80/tcp 2001:db8:222::11"), lb(f"real del {VIP}:80/tcp 10.111.222.11")
    both_ways("4in6", VIP)
    for vip in (f"{VIP}:80/tcp", f"[{VIP6}]:80/tcp"):
        lb(f"vip add {vip} --encap gue")
    both_ways("4 in GUE over 6", VIP)
    both_ways("6 in GUE over 6", VIP6)
    lb(f"real add {VIP}:80/tcp 10.111.222.11"), lb(f"real del {VIP}:80/tcp 2001:db8:222::11")
    both_ways("4 in GUE over 4", VIP)
    counts = json.loads(sh(f"ip netns exec real1 {XDPLB} decap stats --dev eth0 -f json"))["decap"]
    check("decap counts each kind", all(counts[kind] > 100 for kind in ("ipip", "4in6", "6in6", "gue")), counts)
    for vip in (f"{VIP}:80/tcp", f"[{VIP6}]:80/tcp"):
        lb(f"vip add {vip} --encap ipip")


def test_life_of_a_real():
    connections = []
    lb(f"real add {VIP}:80/tcp 10.111.222.11")
    for _ in range(30):
        connections.append(connect(VIP))
        connections[-1].sendall(b"echo\n")
    homes = [say(connection, b"hello") for connection in connections]
    check("30 connections open", set(homes) == {"real1"}, homes)
    steps = [f"real add {VIP}:80/tcp 10.111.223.11", f"real drain {VIP}:80/tcp 10.111.222.11", f"real add {VIP}:80/tcp 10.111.222.11",
             f"real weight {VIP}:80/tcp 10.111.223.11 9", f"real drain {VIP}:80/tcp 10.111.223.11"]
    for step in steps:
        lb(step)
        # New connections in between, so that the table has others to tell them from.
        for _ in range(5):
            with connect(VIP) as other:
                other.sendall(b"echo\n")
                say(other, b"x")
        for turn in range(5):
            now = [say(connection, b"still there? %d" % turn) for connection in connections]
            if now != homes:
                break
        check(f"after '{step.split(' 10.')[0].replace(VIP, 'VIP')}' none has moved", now == homes, now)
    lb(f"real add {VIP}:80/tcp 10.111.223.11"), lb(f"real drain {VIP}:80/tcp 10.111.222.11")
    fresh = []
    for _ in range(10):
        fresh.append(connect(VIP))
        fresh[-1].sendall(b"echo\n")
    check("new ones go to the other real", {say(connection, b"hello") for connection in fresh} == {"real2"}, "they do not")
    listed = json.loads(lb("conns -f json"))
    own = [flow for flow in listed["flows"] if flow["real"] == "10.111.222.11"]
    check("conns lists them", len(own) >= 30, listed)
    lb(f"real del {VIP}:80/tcp 10.111.222.11")
    now = [say(connection, b"and now?") for connection in connections]
    check("the removed real's connections are reset by the other", set(now) == {"ConnectionResetError"}, now)
    check("those of the other stay", {say(connection, b"hello") for connection in fresh} == {"real2"}, "they do not")
    for connection in connections + fresh:
        connection.close()


def test_path_mtu():
    """The way back narrows behind the gateway: its errors quote the VIP, and must find the real."""
    lb(f"real add {VIP}:80/tcp 10.111.222.11"), lb(f"real del {VIP}:80/tcp 10.111.223.11")
    sh("ip -n gateway route replace 10.111.220.0/24 dev eth0 mtu lock 1200")
    before = stats()["flows"]["icmp_error"]
    down = download(VIP)
    check("a download through a narrow link completes", down is True, down)
    check("as frag-needed found the real", stats()["flows"]["icmp_error"] > before, stats()["flows"])
    sh("ip -n gateway route replace 10.111.220.0/24 dev eth0")


def ping(address):
    family, protocol, kind = (socket.AF_INET6, 58, 128) if ":" in address else (socket.AF_INET, 1, 8)
    with inside("client"):
        plug = socket.socket(family, socket.SOCK_DGRAM, protocol)
    with plug:
        plug.settimeout(2)
        try:
            plug.sendto(struct.pack("!BBHHH", kind, 0, 0, 1, 1) + b"x" * 57, (address, 0))
            return plug.recv(200)[8:] == b"x" * 57
        except OSError:
            return False


def test_ping():
    sh("ip netns exec client sh -c 'echo 0 1000000 >/proc/sys/net/ipv4/ping_group_range'")
    check("no ping without --icmp-echo", not ping(VIP) and not ping(VIP6), "it was answered")
    attach(f"--next-hop-mac {MAC} --icmp-echo")
    check("ping with it", ping(VIP) and ping(VIP6), f"{ping(VIP)}, {ping(VIP6)}")
    check("the host answers for itself", ping("10.111.221.11"), "it does not")


def test_fib():
    said = attach("--next-hop fib")
    check("--next-hop fib says what is missing", "does not forward IPv4" in said, said)
    check("without forwarding nothing is sent", not isinstance(download(VIP), bool) and
          stats()["global"]["drop_fib_forwarding_off"] > 0, stats()["global"])
    sh("ip netns exec lb sh -c 'echo 1 >/proc/sys/net/ipv4/conf/eth0/forwarding; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'")
    sh(f"ip -n lb route add blackhole {VIP} && ip -n lb -6 route add blackhole {VIP6}")
    for router in ("10.111.221.12", "2001:db8:221::12"):
        sh(f"ip -n lb neigh replace {router} lladdr {MAC} nud permanent dev eth0")
    both_ways("next hop by the kernel's routes", VIP)
    both_ways("the same for IPv6", VIP6)


def test_native():
    lb("detach --dev eth0")
    said = lb(f"attach --dev eth0 --mode native --source 10.111.221.11 --source6 2001:db8:221::11 --next-hop-mac {MAC}")
    check("native mode is said", "attached to eth0 in native mode" in said, said)
    sh(f"ip netns exec gateway {XDPLB} decap attach --dev eth1 --mode native")       # passes all, as a veth's peer must
    no_checksum_offload("client", "eth0")
    both_ways("native mode", VIP)
    both_ways("native mode, IPv6", VIP6)


set_up()
for test in (test_families, test_life_of_a_real, test_path_mtu, test_ping, test_fib, test_native):
    test()
print(f"{results['passed']} passed, {results['failed']} failed")
sys.exit(bool(results["failed"]) or not results["passed"])
