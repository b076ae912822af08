#include "probe.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "harness.h"

static int listener;
static struct config *config;

/* A configuration whose only real is our own listener on a free port. */
static struct real *real_with(const char *check)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(at);
	char source[512], error[256];

	listener = socket(AF_INET, SOCK_STREAM, 0);
	bind(listener, (struct sockaddr *)&at, sizeof(at));
	listen(listener, 4);
	getsockname(listener, (struct sockaddr *)&at, &length);
	snprintf(source, sizeof(source),
		 "{\"services\": {\"10.0.0.1:80:tcp\": {\"reals\": {\"127.0.0.1:%u\": {\"checks\": [%s]}}}}}",
		 ntohs(at.sin_port), check);
	config = config_parse(source, strlen(source), error, sizeof(error));
	CHECK(config != NULL);
	return &config->services[0].reals[0];
}

static void done(void)
{
	close(listener);
	config_free(config);
}

static enum probe_state advance(struct real *real)
{
	struct pollfd polled = probe_poll(real);

	return poll(&polled, 1, 300) == 1 ? probe_continue(real) : PROBE_BUSY;
}

/* Plays the server with one fixed answer; NULL closes without one. */
static enum probe_state asked(struct real *real, const char *answer)
{
	enum probe_state state = probe_start(real);
	char request[512];
	int fd = -1;

	for (int i = 0; i < 8 && state == PROBE_BUSY; i++) {
		state = advance(real);
		if (fd < 0 && state == PROBE_BUSY && real->probe.sent > 0) {
			fd = accept(listener, NULL, NULL);
			if (read(fd, request, sizeof(request)) > 0 && answer)
				send(fd, answer, strlen(answer), MSG_NOSIGNAL);
			if (!answer)
				shutdown(fd, SHUT_RDWR);
		}
	}
	if (fd >= 0)
		close(fd);
	return state;
}

static void test_http(void)
{
	struct real *real = real_with("{\"type\": \"http\"}");

	CHECK(asked(real, "HTTP/1.1 200 OK\r\n\r\n") == PROBE_PASSED);
	CHECK(real->probe.fd == -1 && !*real->reason);
	CHECK(asked(real, "HTTP/1.1 503 Service Unavailable\r\n\r\n") == PROBE_FAILED);
	CHECK_TEXT(real->reason, "HTTP status: 503");
	CHECK(asked(real, "SSH-2.0-OpenSSH_9.2") == PROBE_FAILED);
	CHECK_TEXT(real->reason, "no HTTP answer");
	CHECK(asked(real, NULL) == PROBE_FAILED);
	CHECK(asked(real, "HTTP/1") == PROBE_BUSY); /* says no more: ended by the next tick */
	probe_time_out(real);
	CHECK(real->probe.fd == -1);
	CHECK_TEXT(real->reason, "no answer in time");
	done();
}

static void test_tcp(void)
{
	struct real *real = real_with("{\"type\": \"tcp\"}, {\"type\": \"syn\"}");
	enum probe_state state;

	state = probe_start(real);
	for (int i = 0; i < 4 && state == PROBE_BUSY; i++)
		state = advance(real);
	CHECK(state == PROBE_PASSED && real->probe.check == 2);
	close(listener);
	state = probe_start(real);
	for (int i = 0; i < 4 && state == PROBE_BUSY; i++)
		state = advance(real);
	CHECK(state == PROBE_FAILED);
	CHECK_TEXT(real->reason, "connect: Connection refused");
	listener = -1;
	done();
	real = real_with("");
	CHECK(probe_start(real) == PROBE_PASSED); /* nothing to check */
	done();
}

void test_probe(void)
{
	test_http();
	test_tcp();
}
