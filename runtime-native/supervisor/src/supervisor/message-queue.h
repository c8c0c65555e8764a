#ifndef SUPERVISOR_MESSAGE_QUEUE_H
#define SUPERVISOR_MESSAGE_QUEUE_H

#include "common/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/* Whole messages of any bytes, first in, first out, in one piece of memory. */
struct message_queue
{
  struct buffer data; /* a 32-bit length, then so many bytes, for each */
  size_t head;        /* the first message's place in `data` */
  size_t count;
};

void message_queue_free (struct message_queue *queue);
/* False when there is no memory for it; the queue is as before. */
bool message_queue_add (struct message_queue *queue, const void *bytes, size_t length);
/* The first MAX messages or fewer; they stay. Valid until the queue changes. Returns their number. */
size_t message_queue_peek (const struct message_queue *queue, struct iovec *messages, size_t max);
void message_queue_drop_first (struct message_queue *queue);
/* Appends what FROM has; FROM is empty afterwards. */
void message_queue_append (struct message_queue *queue, struct message_queue *from);
/* Memory that its messages take. */
size_t message_queue_bytes (const struct message_queue *queue);

#endif
