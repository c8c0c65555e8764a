#ifndef SUPERVISOR_LOG_RELAY_H
#define SUPERVISOR_LOG_RELAY_H

#include "common/err.h"
#include "supervisor/spec.h"

/* Starts `tscompose-log-relay`, which connects to ADDRESS (`tcp://ip:port`) with TLS, writes the line "ready" to the socket
   that is returned and from then on sends what it reads there; when that ends, or the server goes, it writes the reason and
   ends. This program speaks no TLS itself: a library for it is larger than all the rest. The relay ends soon after its
   socket's other end, however that ends. */
int log_relay_start (const struct spec_log_tls *tls, const char *address, struct err *e);

#endif
