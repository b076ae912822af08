// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
#include "message.h"

#include <stdarg.h>
#include <stdio.h>

static void print(const char *kind, const char *format, va_list arguments)
{
	fprintf(stderr, "xdplb: %s", kind);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
}

int failed(const char *todo, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print("", format, arguments);
	va_end(arguments);
	if (todo)
		fprintf(stderr, "  to do: %s\n", todo);
	return EXIT_FAILED;
}

int misused(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print("usage: ", format, arguments);
	va_end(arguments);
	fputs("  to do: see xdplb --help\n", stderr);
	return EXIT_USAGE;
}

void note(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	print("note: ", format, arguments);
	va_end(arguments);
}
