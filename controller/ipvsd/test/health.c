#include "health.h"

#include "harness.h"

/* Feeds results, '1' for a passed check, and returns after how many of them the real changed (0: never). */
static int changes_after(bool up, const char *results)
{
	struct health health;

	health_start(&health, up, 0);
	for (int i = 0; results[i]; i++)
		if (health_record(&health, results[i] == '1', i))
			return i + 1;
	return 0;
}

void test_health(void)
{
	struct health health;
	char text[HEALTH_CHECKS + 1];

	CHECK(changes_after(false, "11111") == 5);
	CHECK(changes_after(false, "1111") == 0);
	CHECK(changes_after(false, "11110111111") == 10); /* the five must be the last five */
	CHECK(changes_after(true, "00") == 2);
	CHECK(changes_after(true, "0") == 0);
	CHECK(changes_after(true, "01111011110") == 0); /* one of any five may fail */
	CHECK(changes_after(true, "01110") == 5);

	health_start(&health, true, 3);
	health_record(&health, false, 4);
	CHECK(health.up && health.changed == 3 && health.transitions == 0);
	CHECK(health_record(&health, false, 6));
	CHECK(!health.up && health.changed == 6 && health.transitions == 1 && health.failed == 2);
	health_text(&health, text);
	CHECK_TEXT(text, "11100");
	/* Down with 111 in the history: it takes five passes all the same. */
	for (int i = 0; i < 4; i++)
		CHECK(!health_record(&health, true, 7));
	CHECK(health_record(&health, true, 8) && health.up && health.passed == 5);
}
