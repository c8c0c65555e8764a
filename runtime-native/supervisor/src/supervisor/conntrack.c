#include "supervisor/conntrack.h"

#include "common/cleanup.h"
#include "supervisor/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

enum
{
  BUFFER = 32 * 1024, /* what the kernel fills at a time */
  MAX_TUPLE = 128
};

/* One direction of a flow; DATA is the attribute's content, as the kernel wants it back. */
struct tuple
{
  const void *data;
  size_t size;
  uint8_t protocol;
  uint16_t destination_port;
  const void *source;
  const void *destination;
  size_t address_size;
};

typedef bool (*flow_test) (const struct spec_firewall *, const struct tuple *original, const struct tuple *reply);

/* Steps through attributes: the one at *AT of END, or NULL at the end. */
static const struct nlattr *
next_attribute (const char **at, const char *end)
{
  const struct nlattr *attribute = (const void *) *at;
  if ((size_t) (end - *at) < sizeof *attribute || attribute->nla_len < sizeof *attribute || attribute->nla_len > (size_t) (end - *at))
    return NULL;
  size_t step = NLA_ALIGN (attribute->nla_len);
  *at = step > (size_t) (end - *at) ? end : *at + step;
  return attribute;
}

static size_t
payload (const struct nlattr *attribute, const char **ret)
{
  *ret = (const char *) attribute + NLA_HDRLEN;
  return attribute->nla_len - NLA_HDRLEN;
}

/* Addresses or protocol of a tuple, by which of the two nested attributes it is. */
static void
read_part (const struct nlattr *part, struct tuple *tuple)
{
  const char *at = NULL;
  size_t size = payload (part, &at);
  const char *end = at + size;
  bool is_ip = (part->nla_type & NLA_TYPE_MASK) == CTA_TUPLE_IP;
  for (const struct nlattr *one = next_attribute (&at, end); one != NULL; one = next_attribute (&at, end))
    {
      const char *value = NULL;
      size_t length = payload (one, &value);
      int type = one->nla_type & NLA_TYPE_MASK;
      if (is_ip && (length == 4 || length == 16))
        {
          tuple->address_size = length;
          if (type == CTA_IP_V4_SRC || type == CTA_IP_V6_SRC)
            tuple->source = value;
          else if (type == CTA_IP_V4_DST || type == CTA_IP_V6_DST)
            tuple->destination = value;
        }
      else if (!is_ip && type == CTA_PROTO_NUM && length == 1)
        tuple->protocol = (uint8_t) value[0];
      else if (!is_ip && type == CTA_PROTO_DST_PORT && length == 2)
        memcpy (&tuple->destination_port, value, 2);
    }
}

static struct tuple
read_tuple (const struct nlattr *attribute)
{
  struct tuple tuple = { 0 };
  const char *at = NULL;
  tuple.size = payload (attribute, &at);
  tuple.data = at;
  const char *end = at + tuple.size;
  for (const struct nlattr *part = next_attribute (&at, end); part != NULL; part = next_attribute (&at, end))
    read_part (part, &tuple);
  return tuple;
}

static int
forget (int fd, uint8_t family, const struct tuple *original, struct err *e)
{
  struct nfgenmsg header = { .nfgen_family = family, .version = NFNETLINK_V0 };
  struct netlink message;
  netlink_begin (&message, NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE, 0, &header, sizeof header);
  netlink_put (&message, CTA_TUPLE_ORIG | NLA_F_NESTED, original->data, original->size);
  int r = netlink_send (&message, fd, e);
  return r == -ENOENT ? 0 : r; /* it has expired meanwhile */
}

static bool
is_same (const void *one, const void *other, size_t size)
{
  return one != NULL && other != NULL && memcmp (one, other, size) == 0;
}

static bool
is_container (const struct spec_firewall *firewall, const void *address, size_t size)
{
  for (size_t i = 0; address != NULL && i < firewall->n_addresses; i++)
    {
      uint8_t own[16];
      int family = size == 4 ? AF_INET : AF_INET6;
      if (inet_pton (family, firewall->addresses[i], own) == 1 && memcmp (own, address, size) == 0)
        return true;
    }
  return false;
}

static bool
leads_to_container (const struct spec_firewall *firewall, const struct tuple *original, const struct tuple *reply)
{
  return is_container (firewall, reply->source, reply->address_size) && !is_same (original->destination, reply->source, reply->address_size);
}

static bool
leads_to_host (const struct spec_firewall *firewall, const struct tuple *original, const struct tuple *reply)
{
  for (size_t i = 0; i < firewall->n_udp_ports; i++)
    if (ntohs (original->destination_port) == firewall->udp_ports[i].host_port)
      return is_same (original->destination, reply->source, reply->address_size);
  return false;
}

static int
take_flow (const struct nlmsghdr *message, const struct spec_firewall *firewall, flow_test test, int delete_fd, struct err *e)
{
  const char *at = (const char *) NLMSG_DATA (message) + NLMSG_ALIGN (sizeof (struct nfgenmsg));
  const char *end = (const char *) message + message->nlmsg_len;
  struct tuple original = { 0 };
  struct tuple reply = { 0 };
  while (at < end)
    {
      const struct nlattr *attribute = next_attribute (&at, end);
      if (attribute == NULL)
        break;
      int type = attribute->nla_type & NLA_TYPE_MASK;
      if (type == CTA_TUPLE_ORIG)
        original = read_tuple (attribute);
      else if (type == CTA_TUPLE_REPLY)
        reply = read_tuple (attribute);
    }
  if (original.protocol != IPPROTO_UDP || original.size > MAX_TUPLE || !test (firewall, &original, &reply))
    return 0;
  return forget (delete_fd, original.address_size == 4 ? AF_INET : AF_INET6, &original, e);
}

/* Until the dump is at its end; 1 then, 0 when there is more. */
static int
take_messages (const char *buffer, size_t length, const struct spec_firewall *firewall, flow_test test, int delete_fd, struct err *e)
{
  for (const struct nlmsghdr *message = (const void *) buffer; NLMSG_OK (message, length); message = NLMSG_NEXT (message, length))
    {
      if (message->nlmsg_type == NLMSG_DONE)
        return 1;
      if (message->nlmsg_type == NLMSG_ERROR)
        {
          errno = -((const struct nlmsgerr *) NLMSG_DATA (message))->error;
          return err_errno (e, "list connections");
        }
      if (message->nlmsg_len < NLMSG_LENGTH (sizeof (struct nfgenmsg)))
        continue;
      int r = take_flow (message, firewall, test, delete_fd, e);
      if (r < 0)
        return r;
    }
  return 0;
}

static int
forget_flows (const struct spec_firewall *firewall, flow_test test, struct err *e)
{
  static _Alignas (8) char buffer[BUFFER]; /* one loop, one caller at a time */
  int dump_fd cleanup_fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  int delete_fd cleanup_fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (dump_fd < 0 || delete_fd < 0)
    return err_errno (e, "netfilter socket");
  struct
  {
    struct nlmsghdr header;
    struct nfgenmsg body;
  } request = { .header = { .nlmsg_len = sizeof request,
                            .nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_GET,
                            .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP },
                .body = { .nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0 } };
  if (send (dump_fd, &request, sizeof request, 0) < 0)
    return err_errno (e, "netfilter send");
  int r = 0;
  while (r == 0)
    {
      /* Each receive makes the kernel write the next part before it returns: there is nothing to wait for. */
      ssize_t got = recv (dump_fd, buffer, sizeof buffer, MSG_DONTWAIT);
      r = got < 0 ? err_errno (e, "netfilter receive") : take_messages (buffer, (size_t) got, firewall, test, delete_fd, e);
    }
  return r < 0 ? r : 0;
}

int
conntrack_forget_container (const struct spec_firewall *firewall, struct err *e)
{
  return firewall->n_udp_ports == 0 ? 0 : forget_flows (firewall, leads_to_container, e);
}

int
conntrack_forget_dark (const struct spec_firewall *firewall, struct err *e)
{
  return firewall->n_udp_ports == 0 ? 0 : forget_flows (firewall, leads_to_host, e);
}
