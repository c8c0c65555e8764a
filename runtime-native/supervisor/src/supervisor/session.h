#ifndef SUPERVISOR_SESSION_H
#define SUPERVISOR_SESSION_H

#include "supervisor/client.h"

/* Exec sessions: a process started in the container for a client, with its stdio on the client's connection. */

/* Starts what an exec request asks for; the client hears how that ends. */
void session_start (struct client *client, const struct json *request);
/* Input from the session's client; zero length is its end. */
void session_input (struct client *client, const char *bytes, size_t length);
/* A SessionMessage. */
void session_message (struct client *client, const struct json *message);
/* The client takes output again. */
void session_client_drained (struct client *client);
/* The client is gone: the process loses its terminal or pipes, as over ssh. */
void session_client_closed (struct client *client);

#endif
