#include "web.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define IDLE_SECONDS 5

bool web_open(struct web *web, const char *at, char *error, size_t room)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	uint16_t port;
	int yes = 1;

	for (int i = 0; i < WEB_CLIENTS; i++)
		web->clients[i].fd = -1;
	web->listener = -1;
	if (!parse_endpoint(at, &address.sin_addr.s_addr, &port)) {
		snprintf(error, room, "\"%s\" is not ADDRESS:PORT", at);
		return false;
	}
	address.sin_port = htons(port);
	web->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (web->listener >= 0 &&
	    setsockopt(web->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
	    bind(web->listener, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(web->listener, 16) == 0)
		return true;
	snprintf(error, room, "cannot listen on %s: %s", at, strerror(errno));
	return false;
}

static void end(struct web *web, int index)
{
	close(web->clients[index].fd);
	web->clients[index].fd = -1;
}

void web_accept(struct web *web)
{
	/* A reader that takes nothing holds everything up: no longer than this. */
	struct timeval patience = { .tv_usec = 200000 };
	int fd = accept4(web->listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	for (int i = 0; i < WEB_CLIENTS; i++) {
		if (web->clients[i].fd >= 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
		web->clients[i].fd = fd;
		web->clients[i].length = 0;
		web->clients[i].since = seconds_now();
		return;
	}
	close(fd);
}

static void send_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		bytes += sent;
		length -= (size_t)sent;
	}
}

static void answer(int fd, const char *request, web_page *page, void *context)
{
	const char *status = "200 OK", *type = "text/plain";
	struct text head = { 0 }, body = { 0 };
	char path[128];

	if (sscanf(request, "GET %127s HTTP/", path) != 1) {
		status = "405 Method Not Allowed";
		text_add(&body, "only GET is served\n");
	} else if (!page(context, path, &body, &type)) {
		status = "404 Not Found";
		text_add(&body, "there are /status.json and /metrics\n");
	}
	text_add(&head, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n", status, type,
		 body.length);
	send_all(fd, head.data, head.length);
	send_all(fd, body.data, body.length);
	text_free(&head);
	text_free(&body);
}

void web_read(struct web *web, int index, web_page *page, void *context)
{
	char *request = web->clients[index].request;
	size_t *length = &web->clients[index].length;
	ssize_t got = recv(web->clients[index].fd, request + *length,
			   sizeof(web->clients[index].request) - 1 - *length, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		end(web, index);
		return;
	}
	*length += (size_t)got;
	request[*length] = 0;
	if (!strstr(request, "\r\n\r\n") && *length < sizeof(web->clients[index].request) - 1)
		return;
	answer(web->clients[index].fd, request, page, context);
	end(web, index);
}

void web_sweep(struct web *web)
{
	for (int i = 0; i < WEB_CLIENTS; i++)
		if (web->clients[i].fd >= 0 && seconds_now() - web->clients[i].since > IDLE_SECONDS)
			end(web, i);
}
