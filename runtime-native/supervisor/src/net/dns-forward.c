#include "net/dns-forward.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

enum
{
  STREAM_SIZE = 2 + DNS_MESSAGE_MAX + 1,
  STREAM_STRIDE = 18 * 4096 /* of a buffer: the stream, and behind it the truncated answer that made us open it */
};

int
dns_forward_init (struct dns_forward *f)
{
  void *memory = mmap (NULL, (size_t) DNS_FLIGHT_STREAMS_MAX * STREAM_STRIDE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return -errno;
  f->streams = memory;
  return 0;
}

static uint8_t *
stream_of (struct dns_forward *f, const struct dns_flight *flight)
{
  return f->streams + (size_t) flight->slot * STREAM_STRIDE;
}

static int8_t
take_stream (struct dns_forward *f)
{
  for (int8_t i = 0; i < DNS_FLIGHT_STREAMS_MAX; i++)
    if ((f->streams_used >> i & 1) == 0)
      {
        f->streams_used |= 1U << i;
        return i;
      }
  return -1;
}

/* Closes the flight's socket and gives its buffer back; the flight stays. */
static void
land (struct dns_forward *f, struct dns_flight *flight)
{
  if (flight->fd >= 0)
    (void) close (flight->fd); /* a socket has nothing to lose */
  flight->fd = -1;
  if (flight->slot >= 0)
    {
      (void) madvise (stream_of (f, flight), STREAM_STRIDE, MADV_DONTNEED); /* only saves memory */
      f->streams_used &= ~(1U << flight->slot);
    }
  flight->slot = -1;
  flight->saved = 0;
}

static void
finish (struct dns_forward *f, struct dns_flight *flight, uint8_t *answer, size_t length)
{
  size_t limit = flight->source.is_stream ? DNS_MESSAGE_MAX : flight->query.udp_size;
  length = dns_answer_finish (answer, length, flight->question + 2, &flight->query, limit);
  flight->is_used = false;
  f->answer (f->context, &flight->source, &flight->query, answer, length);
}

static void
give_up (struct dns_forward *f, struct dns_flight *flight)
{
  land (f, flight);
  flight->is_used = false;
  size_t length = dns_reply_empty (flight->question + 2, &flight->query, DNS_SERVFAIL, f->packet);
  f->answer (f->context, &flight->source, &flight->query, f->packet, length);
}

/* Opens the socket to the flight's upstream and sends the question, or what TCP takes of it. */
static bool
take_off (struct dns_forward *f, struct dns_flight *flight, uint64_t now_ms)
{
  const struct address *upstream = &f->upstreams[flight->upstream];
  size_t index = (size_t) (flight - f->flights);
  if (getrandom (&flight->id, sizeof flight->id, 0) != sizeof flight->id)
    return false;
  dns_set_id (flight->question + 2, flight->id);
  int kind = (flight->is_stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK;
  flight->fd = socket (upstream->storage.ss_family, kind, 0);
  if (flight->fd < 0)
    return false;
  flight->sent = 0;
  flight->received = 0;
  flight->deadline_ms = now_ms + DNS_ATTEMPT_MS;
  if (f->next_deadline_ms == 0 || flight->deadline_ms < f->next_deadline_ms)
    f->next_deadline_ms = flight->deadline_ms;
  if (flight->is_stream && (flight->slot = take_stream (f)) < 0)
    return false;
  if (connect (flight->fd, (const struct sockaddr *) &upstream->storage, upstream->size) < 0 && errno != EINPROGRESS)
    return false;
  struct epoll_event event = { .events = EPOLLIN | (flight->is_stream ? EPOLLOUT : 0U), .data.u64 = f->event_base + index };
  if (epoll_ctl (f->epoll, EPOLL_CTL_ADD, flight->fd, &event) < 0)
    return false;
  return flight->is_stream || send (flight->fd, flight->question + 2, flight->length, 0) == flight->length;
}

/* Asks the flight's upstream, or the next ones when it cannot be reached. */
static void
try_upstreams (struct dns_forward *f, struct dns_flight *flight, uint64_t now_ms)
{
  size_t limit = f->n_upstreams < 2 ? 2 : f->n_upstreams;
  while (flight->attempts < limit)
    {
      flight->attempts++;
      if (take_off (f, flight, now_ms))
        return;
      land (f, flight);
      flight->upstream = (uint8_t) ((flight->upstream + 1U) % f->n_upstreams);
    }
  give_up (f, flight);
}

/* The upstream is of no use. If it gave us a truncated answer before, that one has to do. */
static void
try_next (struct dns_forward *f, struct dns_flight *flight, uint64_t now_ms)
{
  if (flight->saved > 0)
    {
      finish (f, flight, stream_of (f, flight) + STREAM_SIZE, flight->saved);
      land (f, flight);
      return;
    }
  land (f, flight);
  flight->is_stream = flight->source.is_stream;
  flight->upstream = (uint8_t) ((flight->upstream + 1U) % f->n_upstreams);
  try_upstreams (f, flight, now_ms);
}

/* A free flight, of the oldest when there is none; NULL when SOURCE's question QUERY is under way already. */
static struct dns_flight *
find_flight (struct dns_forward *f, const struct dns_source *source, const struct dns_query *query)
{
  struct dns_flight *free = NULL;
  struct dns_flight *oldest = &f->flights[0];
  for (size_t i = 0; i < f->high_water; i++)
    {
      struct dns_flight *flight = &f->flights[i];
      if (!flight->is_used)
        free = free == NULL ? flight : free;
      else if (!source->is_stream && !flight->source.is_stream && flight->query.id == query->id
               && flight->source.address.sin_port == source->address.sin_port
               && flight->source.address.sin_addr.s_addr == source->address.sin_addr.s_addr && flight->query.type == query->type
               && strcmp (flight->query.name, query->name) == 0)
        return NULL;
      else if (flight->started < oldest->started)
        oldest = flight;
    }
  if (free == NULL && f->high_water < DNS_FLIGHTS_MAX)
    free = &f->flights[f->high_water++];
  if (free != NULL)
    return free;
  give_up (f, oldest);
  return oldest;
}

void
dns_forward_question (struct dns_forward *f, const struct dns_source *source, const struct dns_query *query, const uint8_t *question,
                      size_t length, uint64_t now_ms)
{
  struct dns_flight *flight = find_flight (f, source, query);
  if (flight == NULL)
    return;
  if (now_ms >= f->first_until_ms)
    f->first = 0;
  flight->is_used = true;
  flight->is_stream = source->is_stream;
  flight->upstream = (uint8_t) f->first;
  flight->attempts = 0;
  flight->slot = -1;
  flight->saved = 0;
  flight->fd = -1;
  flight->started = ++f->started;
  flight->source = *source;
  flight->query = *query;
  flight->length = (uint16_t) length;
  flight->question[0] = (uint8_t) (length >> 8);
  flight->question[1] = (uint8_t) length;
  memcpy (flight->question + 2, question, length);
  try_upstreams (f, flight, now_ms);
}

/* An answer that another upstream may know better. */
static bool
is_failure (const uint8_t *answer)
{
  enum dns_rcode rcode = dns_answer_rcode (answer);
  return rcode == DNS_SERVFAIL || rcode == DNS_REFUSED || rcode == DNS_NOTIMP;
}

static void
take_answer (struct dns_forward *f, struct dns_flight *flight, uint8_t *answer, size_t length, uint64_t now_ms)
{
  if (is_failure (answer) && flight->attempts < f->n_upstreams)
    {
      try_next (f, flight, now_ms);
      return;
    }
  if (!flight->is_stream && dns_answer_is_truncated (answer) && length <= DNS_UDP_MAX)
    {
      land (f, flight);
      flight->is_stream = true;
      if (take_off (f, flight, now_ms))
        {
          memcpy (stream_of (f, flight) + STREAM_SIZE, answer, length);
          flight->saved = (uint16_t) length;
          return;
        }
    }
  if (flight->slot < 0)
    {
      land (f, flight);
      finish (f, flight, answer, length);
      return;
    }
  finish (f, flight, answer, length); /* from the buffer that land () gives back */
  land (f, flight);
}

static void
receive_datagram (struct dns_forward *f, struct dns_flight *flight, uint64_t now_ms)
{
  ssize_t n = recv (flight->fd, f->packet, sizeof f->packet, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n < 0) /* nobody listens there */
    try_next (f, flight, now_ms);
  else if (dns_answer_matches (f->packet, (size_t) n, flight->question + 2, &flight->query, flight->id))
    take_answer (f, flight, f->packet, (size_t) n, now_ms);
  /* Anything else is not from whom we asked, or late: wait on. */
}

static bool
send_stream (struct dns_forward *f, struct dns_flight *flight)
{
  size_t whole = 2U + flight->length;
  ssize_t n = send (flight->fd, flight->question + flight->sent, whole - flight->sent, MSG_NOSIGNAL);
  if (n < 0)
    return errno == EAGAIN || errno == EINTR || errno == ENOTCONN;
  flight->sent += (uint32_t) n;
  struct epoll_event event = { .events = EPOLLIN, .data.u64 = f->event_base + (size_t) (flight - f->flights) };
  return flight->sent < whole || epoll_ctl (f->epoll, EPOLL_CTL_MOD, flight->fd, &event) == 0;
}

/* The length of the answer when it is there, 0 when more has to come, -1 when the upstream is of no use. */
static ssize_t
receive_stream (struct dns_forward *f, struct dns_flight *flight)
{
  uint8_t *stream = stream_of (f, flight);
  ssize_t n = recv (flight->fd, stream + flight->received, STREAM_SIZE - flight->received, 0);
  if (n < 0)
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
  if (n == 0)
    return -1;
  flight->received += (uint32_t) n;
  if (flight->received < 2)
    return 0;
  size_t length = (size_t) (stream[0] << 8 | stream[1]);
  if (flight->received < 2 + length)
    return 0;
  return dns_answer_matches (stream + 2, length, flight->question + 2, &flight->query, flight->id) ? (ssize_t) length : -1;
}

void
dns_forward_event (struct dns_forward *f, size_t index, uint64_t now_ms)
{
  struct dns_flight *flight = &f->flights[index];
  if (!flight->is_used || flight->fd < 0)
    return;
  if (!flight->is_stream)
    {
      receive_datagram (f, flight, now_ms);
      return;
    }
  if (flight->sent < 2U + flight->length)
    {
      if (!send_stream (f, flight))
        try_next (f, flight, now_ms);
      return;
    }
  ssize_t length = receive_stream (f, flight);
  if (length < 0)
    try_next (f, flight, now_ms);
  else if (length > 0)
    take_answer (f, flight, stream_of (f, flight) + 2, (size_t) length, now_ms);
}

void
dns_forward_expire (struct dns_forward *f, uint64_t now_ms)
{
  f->next_deadline_ms = 0;
  for (size_t i = 0; i < f->high_water; i++)
    {
      struct dns_flight *flight = &f->flights[i];
      if (!flight->is_used)
        continue;
      if (flight->deadline_ms > now_ms)
        {
          if (f->next_deadline_ms == 0 || flight->deadline_ms < f->next_deadline_ms)
            f->next_deadline_ms = flight->deadline_ms;
          continue;
        }
      if (f->n_upstreams > 1 && flight->upstream == f->first)
        {
          f->first = (f->first + 1) % f->n_upstreams;
          f->first_until_ms = now_ms + DNS_UPSTREAM_RETRY_MS;
        }
      try_next (f, flight, now_ms);
    }
}
