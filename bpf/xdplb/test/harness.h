/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* One line per case, and a count at the end. */
#ifndef XDPLB_HARNESS_H
#define XDPLB_HARNESS_H

/* One case. `detail` is printed when it failed. Returns ok. */
int check(int ok, const char *name, const char *detail, ...) __attribute__((format(printf, 3, 4)));

/* What the control program printed since the last call of hear(). */
void hear(void);
int said(const char *text);
const char *heard(void);

/* The suites. */
void test_text(void);
void test_options(void);
void test_maglev(void);
void test_dataplane(void);
void test_balancing(void);
void test_flows(void);
void test_ipv6(void);
void test_icmp(void);
void test_tunnels(void);
void test_nexthop(void);
void test_random(void);
void test_decap(void);
void test_load(void);
void test_control(void);

#endif
