#include "supervisor/message-queue.h"

#include <stdint.h>
#include <string.h>

enum
{
  HEADER = sizeof (uint32_t)
};

void
message_queue_free (struct message_queue *queue)
{
  buffer_free (&queue->data);
  *queue = (struct message_queue){ 0 };
}

bool
message_queue_add (struct message_queue *queue, const void *bytes, size_t length)
{
  uint32_t header = (uint32_t) length;
  size_t before = queue->data.length;
  buffer_add (&queue->data, &header, sizeof header);
  buffer_add (&queue->data, bytes, length);
  if (queue->data.failed || header != length)
    {
      queue->data.failed = false;
      queue->data.length = before;
      return false;
    }
  queue->count++;
  return true;
}

static uint32_t
length_at (const struct message_queue *queue, size_t place)
{
  uint32_t length = 0;
  memcpy (&length, queue->data.data + place, sizeof length);
  return length;
}

size_t
message_queue_peek (const struct message_queue *queue, struct iovec *messages, size_t max)
{
  size_t n = 0;
  for (size_t place = queue->head; n < max && n < queue->count; n++)
    {
      messages[n] = (struct iovec){ .iov_base = queue->data.data + place + HEADER, .iov_len = length_at (queue, place) };
      place += HEADER + messages[n].iov_len;
    }
  return n;
}

void
message_queue_drop_first (struct message_queue *queue)
{
  if (queue->count == 0)
    return;
  queue->head += HEADER + length_at (queue, queue->head);
  queue->count--;
  if (queue->count == 0)
    message_queue_free (queue);
  else if (queue->head > queue->data.length / 2)
    {
      buffer_consume (&queue->data, queue->head);
      queue->head = 0;
    }
}

void
message_queue_append (struct message_queue *queue, struct message_queue *from)
{
  struct iovec message;
  if (queue->count == 0)
    {
      message_queue_free (queue);
      *queue = *from;
      *from = (struct message_queue){ 0 };
      return;
    }
  while (message_queue_peek (from, &message, 1) == 1 && message_queue_add (queue, message.iov_base, message.iov_len))
    message_queue_drop_first (from);
  message_queue_free (from); /* empty, or out of memory */
}

size_t
message_queue_bytes (const struct message_queue *queue)
{
  return queue->data.length - queue->head;
}
