/* Running the tools: exact arguments, no shell. */
#ifndef IPVSD_SPAWN_H
#define IPVSD_SPAWN_H

#include <stdbool.h>

#include "text.h"

/*
 * Runs a command given as words with one space between them, and waits for it. What it says, on both streams, is added to
 * `output`. True when it ended with 0.
 */
bool run_words(const char *words, struct text *output);

#endif
