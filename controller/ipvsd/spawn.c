#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_WORDS 32

extern char **environ;

/* The tool must not inherit that this program has blocked its signals. */
static int start(char *words[], int output, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int result;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, 1);
	posix_spawn_file_actions_adddup2(&actions, output, 2);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	result = posix_spawnp(pid, words[0], &actions, &attributes, words, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return result;
}

static bool finish(pid_t pid, int from, struct text *output)
{
	char buffer[4096];
	ssize_t got;
	int status;

	while ((got = read(from, buffer, sizeof(buffer))) > 0 || (got < 0 && errno == EINTR))
		if (got > 0)
			text_add_bytes(output, buffer, (size_t)got);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool run_words(const char *line, struct text *output)
{
	char *copy = must_copy(line), *rest = NULL, *words[MAX_WORDS + 1];
	size_t count = 0;
	int pipes[2], result;
	bool success = false;
	pid_t pid;

	for (char *word = strtok_r(copy, " ", &rest); word && count < MAX_WORDS; word = strtok_r(NULL, " ", &rest))
		words[count++] = word;
	words[count] = NULL;
	text_add_bytes(output, "", 0);
	if (pipe2(pipes, O_CLOEXEC) < 0) {
		text_add(output, "pipe: %s", strerror(errno));
	} else {
		result = start(words, pipes[1], &pid);
		close(pipes[1]);
		if (result == 0)
			success = finish(pid, pipes[0], output);
		else
			text_add(output, "%s: %s", words[0], strerror(result));
		close(pipes[0]);
	}
	free(copy);
	return success;
}
