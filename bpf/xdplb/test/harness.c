// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "harness.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static FILE *report;
static int spoken;              /* what goes to stdout and stderr meanwhile */
static int passed, failures;

int check(int ok, const char *name, const char *detail, ...)
{
	va_list arguments;

	*(ok ? &passed : &failures) += 1;
	fprintf(report, "%s %s", ok ? "ok  " : "FAIL", name);
	if (!ok) {
		fputs(": ", report);
		va_start(arguments, detail);
		vfprintf(report, detail, arguments);
		va_end(arguments);
	}
	fputc('\n', report);
	return ok;
}

void hear(void)
{
	fflush(stdout);
	if (ftruncate(spoken, 0) || lseek(spoken, 0, SEEK_SET))
		abort();
}

const char *heard(void)
{
	static char text[256 * 1024];
	ssize_t length;

	fflush(stdout);
	length = pread(spoken, text, sizeof(text) - 1, 0);
	text[length > 0 ? length : 0] = 0;
	return text;
}

int said(const char *text)
{
	return strstr(heard(), text) != NULL;
}

static void listen_to_output(void)
{
	report = fdopen(dup(STDOUT_FILENO), "w");
	spoken = memfd_create("spoken", MFD_CLOEXEC);
	if (!report || spoken < 0 || dup2(spoken, STDOUT_FILENO) < 0 || dup2(spoken, STDERR_FILENO) < 0)
		abort();
	setvbuf(report, NULL, _IOLBF, 0);
	/* Both write at the end, whichever is flushed first. */
	fcntl(STDOUT_FILENO, F_SETFL, O_APPEND);
}

int main(void)
{
	listen_to_output();
	test_text();
	test_options();
	test_maglev();
	test_dataplane();
	test_balancing();
	test_flows();
	test_ipv6();
	test_icmp();
	test_tunnels();
	test_nexthop();
	test_random();
	test_decap();
	test_load();
	test_control();
	fprintf(report, "%d passed, %d failed\n", passed, failures);
	/* No case at all is no success: something kept them from running. */
	return failures || !passed;
}
