/* Checks that count themselves. */
#ifndef IPVSD_HARNESS_H
#define IPVSD_HARNESS_H

#include <stdbool.h>

void check_true(bool holds, const char *what, const char *file, int line);
void check_text(const char *got, const char *wanted, const char *file, int line);

#define CHECK(condition) check_true((condition), #condition, __FILE__, __LINE__)
#define CHECK_TEXT(got, wanted) check_text((got), (wanted), __FILE__, __LINE__)

void test_json(void);
void test_config(void);
void test_health(void);
void test_kernel(void);
void test_plan(void);
void test_probe(void);
void test_daemon(void);

#endif
