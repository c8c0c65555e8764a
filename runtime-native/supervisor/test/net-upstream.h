#ifndef TEST_NET_UPSTREAM_H
#define TEST_NET_UPSTREAM_H

#include "net-packets.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A name server for tests, in a process of its own, that behaves as the first label of the question says:
   `silent` never answers, `servfail` fails, `liar` first answers with a wrong id, a wrong question and garbage, `long`
   answers truncated by UDP and with 100 records by TCP, `udponly` truncated by UDP and never by TCP; others get 10.0.<N>.1. */
struct upstream
{
  pid_t pid;
  unsigned port;
  char address[32];
};

static inline int
loopback_socket (int type, unsigned port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((uint16_t) port), .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int on = 1;
  int fd = socket (AF_INET, type | SOCK_CLOEXEC, 0);
  if (fd >= 0 && type == SOCK_STREAM)
    (void) setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) == 0 && (type != SOCK_STREAM || listen (fd, 16) == 0))
    return fd;
  if (fd >= 0)
    (void) close (fd);
  return -1;
}

static inline unsigned
socket_port (int fd)
{
  struct sockaddr_in address = { 0 };
  socklen_t size = sizeof address;
  return getsockname (fd, (struct sockaddr *) &address, &size) == 0 ? ntohs (address.sin_port) : 0;
}

static inline bool
upstream_says (const struct packet *p, const char *label)
{
  return p->bytes[12] == strlen (label) && memcmp (p->bytes + 13, label, strlen (label)) == 0;
}

static inline void
upstream_udp (int fd, unsigned number)
{
  struct packet p = { 0 };
  struct sockaddr_in from;
  socklen_t size = sizeof from;
  ssize_t n = recvfrom (fd, p.bytes, 512, 0, (struct sockaddr *) &from, &size);
  if (n < 12 || upstream_says (&p, "silent"))
    return;
  p.length = (size_t) n;
  if (upstream_says (&p, "liar"))
    {
      struct packet lie = p;
      lie.bytes[0] ^= 0x55;
      packet_answer (&lie, 0x6601);
      (void) sendto (fd, lie.bytes, lie.length, 0, (struct sockaddr *) &from, size);
      lie = p;
      lie.bytes[14] ^= 1;
      packet_answer (&lie, 0x6601);
      (void) sendto (fd, lie.bytes, lie.length, 0, (struct sockaddr *) &from, size);
      (void) sendto (fd, lie.bytes, 5, 0, (struct sockaddr *) &from, size);
    }
  packet_answer (&p, number << 8 | 1);
  if (upstream_says (&p, "servfail"))
    p.bytes[3] |= 2;
  if (upstream_says (&p, "long") || upstream_says (&p, "udponly"))
    p.bytes[2] |= 2;
  (void) sendto (fd, p.bytes, p.length, 0, (struct sockaddr *) &from, size);
}

static inline void
upstream_tcp (int listener, unsigned number)
{
  static struct packet p;
  uint8_t frame[2];
  int fd = accept (listener, NULL, NULL);
  p.length = 0;
  if (recv (fd, frame, 2, MSG_WAITALL) == 2)
    p.length = packet_get16 (frame);
  if (p.length >= 12 && p.length <= 512 && recv (fd, p.bytes, p.length, MSG_WAITALL) == (ssize_t) p.length && !upstream_says (&p, "udponly"))
    {
      for (unsigned i = upstream_says (&p, "long") ? 100 : 1; i > 0; i--)
        packet_answer (&p, number << 8 | i);
      frame[0] = (uint8_t) (p.length >> 8);
      frame[1] = (uint8_t) p.length;
      /* In pieces, as a network may deliver it. */
      (void) send (fd, frame, 1, MSG_NOSIGNAL);
      (void) usleep (2000);
      (void) send (fd, frame + 1, 1, MSG_NOSIGNAL);
      (void) send (fd, p.bytes, 20, MSG_NOSIGNAL);
      (void) usleep (2000);
      (void) send (fd, p.bytes + 20, p.length - 20, MSG_NOSIGNAL);
    }
  (void) close (fd);
}

static inline struct upstream
upstream_start (unsigned number)
{
  struct upstream upstream = { 0 };
  int udp = loopback_socket (SOCK_DGRAM, 0);
  upstream.port = socket_port (udp);
  int tcp = loopback_socket (SOCK_STREAM, upstream.port);
  (void) snprintf (upstream.address, sizeof upstream.address, "127.0.0.1:%u", upstream.port);
  upstream.pid = udp < 0 || tcp < 0 ? -1 : fork ();
  if (upstream.pid == 0)
    {
      (void) prctl (PR_SET_PDEATHSIG, SIGKILL);
      for (;;)
        {
          struct pollfd fds[2] = { { .fd = udp, .events = POLLIN }, { .fd = tcp, .events = POLLIN } };
          (void) poll (fds, 2, -1);
          if ((fds[0].revents & POLLIN) != 0)
            upstream_udp (udp, number);
          if ((fds[1].revents & POLLIN) != 0)
            upstream_tcp (tcp, number);
        }
    }
  (void) close (udp);
  (void) close (tcp);
  return upstream;
}

static inline void
stop_process (pid_t pid)
{
  if (pid <= 0)
    return;
  (void) kill (pid, SIGKILL);
  (void) waitpid (pid, NULL, 0);
}

#endif
