#include "probe.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* "HTTP/1.1 200" is all that is read of an answer. */
#define STATUS_LENGTH 12

static enum probe_state failed(struct real *real, const char *what, const char *why)
{
	snprintf(real->reason, sizeof(real->reason), "%s%s%s", what, *why ? ": " : "", why);
	if (real->probe.fd >= 0)
		close(real->probe.fd);
	real->probe.fd = -1;
	return PROBE_FAILED;
}

static const struct check *check_of(const struct real *real)
{
	return &real->checks[real->probe.check];
}

static enum probe_state next_check(struct real *real);

/* Closed by a reset: a check leaves no connection in TIME_WAIT, however often it runs. */
static enum probe_state passed(struct real *real)
{
	struct linger at_once = { .l_onoff = 1 };

	setsockopt(real->probe.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(real->probe.fd);
	real->probe.fd = -1;
	real->probe.check++;
	return next_check(real);
}

static enum probe_state next_check(struct real *real)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = real->address };
	struct probe *probe = &real->probe;

	if ((size_t)probe->check == real->check_count) {
		real->reason[0] = 0;
		return PROBE_PASSED;
	}
	to.sin_port = htons(check_of(real)->port);
	probe->sent = probe->got = 0;
	probe->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (probe->fd < 0)
		return failed(real, "socket", strerror(errno));
	if (connect(probe->fd, (struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS)
		return failed(real, "connect", strerror(errno));
	return PROBE_BUSY;
}

enum probe_state probe_start(struct real *real)
{
	real->probe.check = 0;
	return next_check(real);
}

struct pollfd probe_poll(const struct real *real)
{
	const struct check *check = check_of(real);
	bool sending = check->type == CHECK_TCP || real->probe.sent < strlen(check->request);

	return (struct pollfd){ .fd = real->probe.fd, .events = sending ? POLLOUT : POLLIN };
}

static enum probe_state send_request(struct real *real)
{
	const char *request = check_of(real)->request;
	struct probe *probe = &real->probe;
	ssize_t sent = send(probe->fd, request + probe->sent, strlen(request) - probe->sent, MSG_NOSIGNAL);

	if (sent < 0 && errno != EAGAIN)
		return failed(real, "send", strerror(errno));
	probe->sent += sent > 0 ? (size_t)sent : 0;
	return PROBE_BUSY;
}

static bool is_expected(const struct check *check, int status)
{
	for (int i = 0; i < check->expects; i++)
		if (check->expect[i] == status)
			return true;
	return check->expects == 0;
}

static enum probe_state read_answer(struct real *real)
{
	struct probe *probe = &real->probe;
	ssize_t got = recv(probe->fd, probe->answer + probe->got, STATUS_LENGTH - probe->got, 0);
	int status;

	if (got < 0)
		return errno == EAGAIN ? PROBE_BUSY : failed(real, "read", strerror(errno));
	if (got == 0)
		return failed(real, "closed without an answer", "");
	probe->got += (size_t)got;
	if (probe->got < STATUS_LENGTH)
		return PROBE_BUSY;
	probe->answer[probe->got] = 0;
	if (sscanf(probe->answer, "HTTP/1.%*1[01] %3d", &status) != 1)
		return failed(real, "no HTTP answer", "");
	if (is_expected(check_of(real), status))
		return passed(real);
	return failed(real, "HTTP status", probe->answer + 9);
}

enum probe_state probe_continue(struct real *real)
{
	int error = 0;
	socklen_t length = sizeof(error);

	if (getsockopt(real->probe.fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error)
		return failed(real, "connect", strerror(error));
	if (check_of(real)->type == CHECK_TCP)
		return passed(real);
	if (real->probe.sent < strlen(check_of(real)->request))
		return send_request(real);
	return read_answer(real);
}

void probe_time_out(struct real *real)
{
	failed(real, "no answer in time", "");
}
