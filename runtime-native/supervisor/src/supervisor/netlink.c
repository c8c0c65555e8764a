#include "supervisor/netlink.h"

#include "common/cleanup.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

int
netlink_open (int *ret_fd, struct err *e)
{
  int fd cleanup_fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0)
    return err_errno (e, "netlink socket");
  int on = 1;
  /* Only for better messages; kernels without them work too. */
  (void) setsockopt (fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  (void) setsockopt (fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  *ret_fd = steal_fd (&fd);
  return 0;
}

static void
append (struct netlink *n, const void *data, size_t size)
{
  size_t padded = NLMSG_ALIGN (size);
  if (n->overflow || padded > sizeof n->data - n->length)
    {
      n->overflow = true;
      return;
    }
  if (size > 0)
    memcpy (n->data + n->length, data, size);
  memset (n->data + n->length + size, 0, padded - size);
  n->length += padded;
}

void
netlink_begin (struct netlink *n, uint16_t type, uint16_t flags, const void *header, size_t size)
{
  struct nlmsghdr message = { .nlmsg_type = type, .nlmsg_flags = (uint16_t) (flags | NLM_F_REQUEST | NLM_F_ACK) };
  n->length = 0;
  n->overflow = false;
  append (n, &message, sizeof message);
  append (n, header, size);
}

void
netlink_put (struct netlink *n, uint16_t attribute, const void *data, size_t size)
{
  struct rtattr header = { .rta_type = attribute, .rta_len = (unsigned short) RTA_LENGTH (size) };
  append (n, &header, sizeof header);
  append (n, data, size);
}

void
netlink_put_u32 (struct netlink *n, uint16_t attribute, uint32_t value)
{
  netlink_put (n, attribute, &value, sizeof value);
}

void
netlink_put_string (struct netlink *n, uint16_t attribute, const char *string)
{
  netlink_put (n, attribute, string, strlen (string) + 1);
}

size_t
netlink_nest (struct netlink *n, uint16_t attribute, const void *header, size_t size)
{
  size_t nest = n->length;
  netlink_put (n, attribute, header, size);
  return nest;
}

void
netlink_end (struct netlink *n, size_t nest)
{
  if (n->overflow)
    return;
  unsigned short length = (unsigned short) (n->length - nest);
  memcpy (n->data + nest + offsetof (struct rtattr, rta_len), &length, sizeof length);
}

/* The kernel's explanation behind an error message, or NULL. */
static const char *
explanation (const struct nlmsghdr *message, size_t length)
{
  if ((message->nlmsg_flags & NLM_F_ACK_TLVS) == 0)
    return NULL;
  size_t offset = NLMSG_LENGTH (sizeof (struct nlmsgerr));
  if ((message->nlmsg_flags & NLM_F_CAPPED) == 0)
    offset += ((const struct nlmsgerr *) NLMSG_DATA (message))->msg.nlmsg_len - NLMSG_HDRLEN;
  while (offset + sizeof (struct nlattr) <= length)
    {
      const struct nlattr *attribute = (const void *) ((const char *) message + offset);
      if (attribute->nla_len < sizeof *attribute || attribute->nla_len > length - offset)
        return NULL;
      if (attribute->nla_type == NLMSGERR_ATTR_MSG)
        return (const char *) attribute + NLA_HDRLEN;
      offset += NLA_ALIGN (attribute->nla_len);
    }
  return NULL;
}

int
netlink_send (struct netlink *n, int fd, struct err *e)
{
  if (n->overflow)
    return err_set (e, EMSGSIZE, "netlink message too long");
  uint32_t length = (uint32_t) n->length;
  memcpy (n->data + offsetof (struct nlmsghdr, nlmsg_len), &length, sizeof length);
  if (send (fd, n->data, n->length, 0) < 0)
    return err_errno (e, "netlink send");
  _Alignas (8) char reply[2048];
  ssize_t got = 0;
  do
    got = recv (fd, reply, sizeof reply - 1, 0);
  while (got < 0 && errno == EINTR);
  if (got < 0)
    return err_errno (e, "netlink receive");
  const struct nlmsghdr *message = (const void *) reply;
  if ((size_t) got < NLMSG_LENGTH (sizeof (struct nlmsgerr)) || message->nlmsg_type != NLMSG_ERROR)
    return err_set (e, EPROTO, "unexpected netlink answer");
  reply[got] = '\0';
  int code = ((const struct nlmsgerr *) NLMSG_DATA (message))->error;
  if (code == 0)
    return 0;
  const char *words = explanation (message, (size_t) got);
  errno = -code;
  return words == NULL ? err_errno (e, "netlink") : err_errno (e, "%s", words);
}
