/* The HTTP side: /status.json and /metrics, one short answer per connection. */
#ifndef IPVSD_WEB_H
#define IPVSD_WEB_H

#include "text.h"

#define WEB_CLIENTS 8

struct web {
	int listener;
	struct {
		int fd; /* -1: free */
		char request[512];
		size_t length;
		double since;
	} clients[WEB_CLIENTS];
};

/* The body for a path and its content type, or false when there is none. */
typedef bool web_page(void *context, const char *path, struct text *body, const char **type);

/* Listens on "ADDRESS:PORT"; false with the reason in `error`. */
bool web_open(struct web *web, const char *at, char *error, size_t room);
void web_accept(struct web *web);
/* Reads what a client has sent, and answers once the request is complete. */
void web_read(struct web *web, int index, web_page *page, void *context);
/* Ends connections that have not asked anything for some seconds. */
void web_sweep(struct web *web);

#endif
