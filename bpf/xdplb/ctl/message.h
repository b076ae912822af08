/* SPDX-License-Identifier: (MIT OR GPL-2.0-only) */
/* Messages to the person at the terminal. */
#ifndef XDPLB_MESSAGE_H
#define XDPLB_MESSAGE_H

#define EXIT_OK 0
#define EXIT_FAILED 1
#define EXIT_USAGE 2

/* What went wrong and why, then what to do (NULL: nothing to add). Returns EXIT_FAILED. */
int failed(const char *todo, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The command line is wrong. Returns EXIT_USAGE. */
int misused(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Something the user should know though the command worked. */
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
