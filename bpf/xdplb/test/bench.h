/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/*
 * A balancer on the test bench: real maps and program, on a BPF file system
 * and in a network namespace of this process only, and frames to run
 * through it without any device.
 */
#ifndef XDPLB_BENCH_H
#define XDPLB_BENCH_H

#include "../counters.h"
#include "../ctl/state.h"

#define FRAME_BYTES 2048

struct frame {
	__u8 bytes[FRAME_BYTES];
	__u32 length;
};

struct result {
	int verdict;            /* XDP_..., or -errno */
	struct frame frame;
};

#define SYN 0x02
#define RST 0x04
#define ACK 0x10
#define FIN 0x01
#define ECE 0x40
#define CWR 0x80

/* Offsets in a frame. */
#define AT_TYPE 12
#define AT_IP 14
#define AT_TOS 15
#define AT_LENGTH 16
#define AT_FRAGMENT 20
#define AT_TTL 22
#define AT_PROTOCOL 23
#define AT_CLIENT 26
#define AT_DESTINATION 30
#define AT_L4 34
#define AT_LENGTH6 18
#define AT_NEXT6 20
#define AT_HOPS6 21
#define AT_CLIENT6 22
#define AT_DESTINATION6 38
#define AT_L46 54

/* A fresh balancer without VIPs; the old one, if any, is gone. Returns NULL if it could not be made. */
struct state *bench_new(void);
struct state *bench_new_for(__u32 capacity);
/* Of the device that frames seem to come in on; bench_new configures it so. */
struct device_config bench_config(void);
int bench_configure(const struct device_config *config);
const char *bench_pin(void);

/* By the control program's own functions. VIP in its notation. */
int bench_vip(const char *vip);
int bench_real(const char *vip, const char *real, int weight);
int bench_real_del(const char *vip, const char *real);
int bench_drain(const char *vip, const char *real);
int bench_encap(const char *vip, int encap);
int bench_hash_port(const char *vip, int hash_port);
int bench_vip_del(const char *vip);
struct vip_key bench_key(const char *vip);

struct frame tcp(const char *client, int client_port, const char *vip, int port, int flags, int payload);
struct frame udp(const char *client, int client_port, const char *vip, int port, int payload);
struct frame tcp6(const char *client, int client_port, const char *vip, int port, int flags, int payload);
struct frame udp6(const char *client, int client_port, const char *vip, int port, int payload);
/* An ICMP message of the client's family, `type` and `code` with `rest` and what follows, checksum right. */
struct frame icmp(const char *client, const char *vip, int type, int code, __u32 rest, const void *body, int bytes);
/* Writes ICMP's checksum anew; also right for frames cut or changed. */
void icmp_checksum(struct frame *frame);
/* One's complement sum of bytes, folded. */
__u16 ones_sum(const void *data, int bytes, __u32 start);
void put16(struct frame *frame, int at, unsigned int value);
int get16(const struct frame *frame, int at);

struct result run(const struct frame *frame);
/* On the first CPU this process may use, or on the last: counters are kept per CPU. */
enum cpu { FIRST_CPU, LAST_CPU };
struct result run_on(enum cpu cpu, const struct frame *frame);

/* Outer destination of what run() gives, in host order; 0 if it was not sent. */
__u32 real_of(const struct frame *frame);

void read_outcomes(__u64 counts[OUTCOMES]);
__u64 read_event(enum event event);
struct real_stats read_real(const char *vip, const char *real);
struct vip_stats read_vip(const char *vip);

#endif
