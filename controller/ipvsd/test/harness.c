#include "harness.h"

#include <stdio.h>
#include <string.h>

static int passed, failed;

void check_true(bool holds, const char *what, const char *file, int line)
{
	passed += holds;
	failed += !holds;
	if (!holds)
		printf("%s:%d: does not hold: %s\n", file, line, what);
}

void check_text(const char *got, const char *wanted, const char *file, int line)
{
	bool same = strcmp(got, wanted) == 0;

	passed += same;
	failed += !same;
	if (!same)
		printf("%s:%d: got:\n%s\n  wanted:\n%s\n", file, line, got, wanted);
}

int main(void)
{
	test_json();
	test_config();
	test_health();
	test_kernel();
	test_plan();
	test_probe();
	test_daemon();
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
