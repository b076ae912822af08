#include "health.h"

#define ALL ((1u << HEALTH_CHECKS) - 1)

void health_start(struct health *health, bool up, double now)
{
	*health = (struct health){ .history = up ? ALL : 0, .up = up, .changed = now };
}

bool health_record(struct health *health, bool passed, double now)
{
	bool up;

	health->history = (unsigned char)((health->history << 1 | passed) & ALL);
	if (passed)
		health->passed++;
	else
		health->failed++;
	if (health->up)
		up = __builtin_popcount(health->history) >= HEALTH_NEEDED;
	else
		up = health->history == ALL;
	if (up == health->up)
		return false;
	health->up = up;
	health->changed = now;
	health->transitions++;
	return true;
}

void health_text(const struct health *health, char text[HEALTH_CHECKS + 1])
{
	for (int i = 0; i < HEALTH_CHECKS; i++)
		text[i] = health->history >> (HEALTH_CHECKS - 1 - i) & 1 ? '1' : '0';
	text[HEALTH_CHECKS] = 0;
}
