#include "kernel.h"

#include <arpa/inet.h>

#include "harness.h"

void test_kernel(void)
{
	struct kernel kernel = { 0 };
	const struct kernel_service *service;
	const struct kernel_real *real;

	kernel_read_ipvs(&kernel, "-A -t 192.168.101.1:80 -s wrr\n"
				  "-a -t 192.168.101.1:80 -r 10.1.10.10:80 -m -w 1\n"
				  "-a -t 192.168.101.1:80 -r 10.1.10.11:80 -g -w 0\n"
				  "-A -u 192.168.101.2:53 -s mh -p 300 -b mh-fallback,mh-port\n"
				  "-A -f 666 -s rr\n"
				  "-a -f 666 -r 10.1.10.11:80 -m -w 1\n");
	CHECK(kernel.service_count == 2);
	service = kernel_service(&kernel, inet_addr("192.168.101.1"), 80, false);
	CHECK(service && service->real_count == 2 && !service->persist);
	CHECK_TEXT(service->scheduler, "wrr");
	real = kernel_real(service, inet_addr("10.1.10.11"), 80);
	CHECK(real && real->weight == 0 && !real->masquerade);
	CHECK(kernel_real(service, inet_addr("10.1.10.10"), 80)->masquerade);
	CHECK(!kernel_real(service, inet_addr("10.1.10.10"), 81));
	CHECK(!kernel_service(&kernel, inet_addr("192.168.101.1"), 80, true));
	service = kernel_service(&kernel, inet_addr("192.168.101.2"), 53, true);
	CHECK(service && service->persist == 300);
	CHECK_TEXT(service->flags, "mh-fallback,mh-port");

	kernel_read_ipset(&kernel, "create vips hash:ip,port family inet hashsize 1024 maxelem 65536 timeout 90\n"
				   "add vips 192.168.101.1,tcp:80 timeout 88\n"
				   "add vips 192.168.101.2,udp:53 timeout 3\n"
				   "add vips 192.168.101.2,icmp:8/0\n");
	CHECK(kernel.entry_count == 2 && kernel.entries[0].port == 80 && kernel.entries[1].udp);

	kernel_read_addresses(&kernel, "5: ipvs    inet 192.168.101.1/32 scope global ipvs\\       valid_lft forever\n"
				       "5: ipvs    inet 10.0.0.1/24 scope global ipvs\n");
	CHECK(kernel.address_count == 1 && kernel.addresses[0] == inet_addr("192.168.101.1"));
	kernel_free(&kernel);
	CHECK(kernel.service_count == 0);
}
