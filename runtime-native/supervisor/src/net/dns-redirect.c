#include "net/dns-redirect.h"

#include "common/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

enum
{
  BATCH_MAX = 4096,
  PRIORITY_RAW = -300, /* before connection tracking, should the container use it */
  OFFSET_SOURCE = 12,  /* of addresses in the IPv4 header */
  OFFSET_DESTINATION = 16,
  OFFSET_SOURCE_PORT = 0,
  OFFSET_DESTINATION_PORT = 2
};

static const char table_name[] = "tscompose-dns";
static const char chain_name[] = "output";

/* Netlink messages one behind the other, aligned as it wants them. */
struct batch
{
  uint8_t bytes[BATCH_MAX] __attribute__ ((aligned (4)));
  size_t length;
  uint32_t sequence;
  size_t message; /* where the last one begins */
};

/* One direction: packets whose address and port (at these offsets) are 127.0.0.11 and `from` get port `to`. */
struct rewrite
{
  uint8_t protocol;
  uint32_t address_offset;
  uint32_t port_offset;
  uint16_t from;
  uint16_t to;
};

static void *
append (struct batch *batch, size_t size)
{
  void *at = batch->bytes + batch->length;
  batch->length += (size + 3) & ~(size_t) 3; /* a batch has a known length, far below BATCH_MAX */
  return at;
}

static void
begin_message (struct batch *batch, int type, int flags, int family, int resource)
{
  batch->message = batch->length;
  struct nlmsghdr *header = append (batch, sizeof *header);
  header->nlmsg_type = (uint16_t) type;
  header->nlmsg_flags = (uint16_t) (NLM_F_REQUEST | flags);
  header->nlmsg_seq = batch->sequence++;
  struct nfgenmsg *generic = append (batch, sizeof *generic);
  generic->nfgen_family = (uint8_t) family;
  generic->version = NFNETLINK_V0;
  generic->res_id = htons ((uint16_t) resource);
}

static void
end_message (struct batch *batch)
{
  struct nlmsghdr *header = (struct nlmsghdr *) (void *) (batch->bytes + batch->message);
  header->nlmsg_len = (uint32_t) (batch->length - batch->message);
}

static void
put (struct batch *batch, int type, const void *data, size_t size)
{
  struct nlattr *attribute = append (batch, sizeof *attribute);
  attribute->nla_type = (uint16_t) type;
  attribute->nla_len = (uint16_t) (sizeof *attribute + size);
  memcpy (append (batch, size), data, size);
}

static void
put_string (struct batch *batch, int type, const char *text)
{
  put (batch, type, text, strlen (text) + 1);
}

static void
put_32 (struct batch *batch, int type, uint32_t value)
{
  uint32_t wire = htonl (value);
  put (batch, type, &wire, sizeof wire);
}

static size_t
begin_nest (struct batch *batch, int type)
{
  size_t at = batch->length;
  struct nlattr *attribute = append (batch, sizeof *attribute);
  attribute->nla_type = (uint16_t) (type | NLA_F_NESTED);
  return at;
}

static void
end_nest (struct batch *batch, size_t at)
{
  struct nlattr *attribute = (struct nlattr *) (void *) (batch->bytes + at);
  attribute->nla_len = (uint16_t) (batch->length - at);
}

/* An expression of a rule: the element and its data nest are open until end_expression. */
struct expression
{
  size_t element;
  size_t data;
};

static struct expression
begin_expression (struct batch *batch, const char *name)
{
  struct expression expression = { .element = begin_nest (batch, NFTA_LIST_ELEM) };
  put_string (batch, NFTA_EXPR_NAME, name);
  expression.data = begin_nest (batch, NFTA_EXPR_DATA);
  return expression;
}

static void
end_expression (struct batch *batch, struct expression expression)
{
  end_nest (batch, expression.data);
  end_nest (batch, expression.element);
}

static void
put_value (struct batch *batch, int type, const void *value, size_t size)
{
  size_t nest = begin_nest (batch, type);
  put (batch, NFTA_DATA_VALUE, value, size);
  end_nest (batch, nest);
}

static void
require (struct batch *batch, const void *value, size_t size)
{
  struct expression expression = begin_expression (batch, "cmp");
  put_32 (batch, NFTA_CMP_SREG, NFT_REG_1);
  put_32 (batch, NFTA_CMP_OP, NFT_CMP_EQ);
  put_value (batch, NFTA_CMP_DATA, value, size);
  end_expression (batch, expression);
}

static void
load (struct batch *batch, uint32_t base, uint32_t offset, uint32_t size)
{
  struct expression expression = begin_expression (batch, "payload");
  put_32 (batch, NFTA_PAYLOAD_DREG, NFT_REG_1);
  put_32 (batch, NFTA_PAYLOAD_BASE, base);
  put_32 (batch, NFTA_PAYLOAD_OFFSET, offset);
  put_32 (batch, NFTA_PAYLOAD_LEN, size);
  end_expression (batch, expression);
}

static void
load_protocol (struct batch *batch)
{
  struct expression expression = begin_expression (batch, "meta");
  put_32 (batch, NFTA_META_DREG, NFT_REG_1);
  put_32 (batch, NFTA_META_KEY, NFT_META_L4PROTO);
  end_expression (batch, expression);
}

static void
store_port (struct batch *batch, const struct rewrite *rewrite)
{
  uint16_t port = htons (rewrite->to);
  struct expression expression = begin_expression (batch, "immediate");
  put_32 (batch, NFTA_IMMEDIATE_DREG, NFT_REG_1);
  put_value (batch, NFTA_IMMEDIATE_DATA, &port, sizeof port);
  end_expression (batch, expression);
  expression = begin_expression (batch, "payload");
  put_32 (batch, NFTA_PAYLOAD_SREG, NFT_REG_1);
  put_32 (batch, NFTA_PAYLOAD_BASE, NFT_PAYLOAD_TRANSPORT_HEADER);
  put_32 (batch, NFTA_PAYLOAD_OFFSET, rewrite->port_offset);
  put_32 (batch, NFTA_PAYLOAD_LEN, sizeof port);
  put_32 (batch, NFTA_PAYLOAD_CSUM_TYPE, NFT_PAYLOAD_CSUM_INET);
  put_32 (batch, NFTA_PAYLOAD_CSUM_OFFSET, rewrite->protocol == IPPROTO_UDP ? 6 : 16); /* of the checksum in its header */
  end_expression (batch, expression);
}

static void
put_rule (struct batch *batch, const struct rewrite *rewrite, int flags)
{
  uint32_t address = htonl (DNS_ADDRESS);
  uint16_t port = htons (rewrite->from);
  begin_message (batch, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND | flags, NFPROTO_IPV4, 0);
  put_string (batch, NFTA_RULE_TABLE, table_name);
  put_string (batch, NFTA_RULE_CHAIN, chain_name);
  size_t expressions = begin_nest (batch, NFTA_RULE_EXPRESSIONS);
  load (batch, NFT_PAYLOAD_NETWORK_HEADER, rewrite->address_offset, sizeof address);
  require (batch, &address, sizeof address);
  load_protocol (batch);
  require (batch, &rewrite->protocol, sizeof rewrite->protocol);
  load (batch, NFT_PAYLOAD_TRANSPORT_HEADER, rewrite->port_offset, sizeof port);
  require (batch, &port, sizeof port);
  store_port (batch, rewrite);
  end_nest (batch, expressions);
  end_message (batch);
}

static void
put_table (struct batch *batch)
{
  begin_message (batch, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL, NFPROTO_IPV4, 0);
  put_string (batch, NFTA_TABLE_NAME, table_name);
  end_message (batch);
  begin_message (batch, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWCHAIN, NLM_F_CREATE, NFPROTO_IPV4, 0);
  put_string (batch, NFTA_CHAIN_TABLE, table_name);
  put_string (batch, NFTA_CHAIN_NAME, chain_name);
  size_t hook = begin_nest (batch, NFTA_CHAIN_HOOK);
  put_32 (batch, NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT);
  put_32 (batch, NFTA_HOOK_PRIORITY, (uint32_t) PRIORITY_RAW);
  end_nest (batch, hook);
  put_string (batch, NFTA_CHAIN_TYPE, "filter");
  end_message (batch);
}

/* Sends the batch; the kernel has done it, or refused it as a whole, when send returns. */
static int
commit (const struct batch *batch)
{
  struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
  struct
  {
    struct nlmsghdr header;
    struct nlmsgerr error;
    uint8_t rest[512];
  } answer;
  int fd cleanup_fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (fd < 0)
    return -errno;
  if (sendto (fd, batch->bytes, batch->length, 0, (const struct sockaddr *) &kernel, sizeof kernel) < 0)
    return -errno;
  ssize_t n = recv (fd, &answer, sizeof answer, MSG_DONTWAIT);
  if (n < 0)
    return -errno;
  return (size_t) n < offsetof (__typeof__ (answer), rest) || answer.header.nlmsg_type != NLMSG_ERROR ? -EPROTO : answer.error.error;
}

int
dns_redirect_install (uint16_t udp_port, uint16_t tcp_port)
{
  const struct rewrite rewrites[] = {
    { IPPROTO_UDP, OFFSET_DESTINATION, OFFSET_DESTINATION_PORT, DNS_PORT, udp_port },
    { IPPROTO_TCP, OFFSET_DESTINATION, OFFSET_DESTINATION_PORT, DNS_PORT, tcp_port },
    { IPPROTO_UDP, OFFSET_SOURCE, OFFSET_SOURCE_PORT, udp_port, DNS_PORT },
    { IPPROTO_TCP, OFFSET_SOURCE, OFFSET_SOURCE_PORT, tcp_port, DNS_PORT },
  };
  size_t n = sizeof rewrites / sizeof *rewrites;
  struct batch batch = { .length = 0 };
  begin_message (&batch, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
  end_message (&batch);
  put_table (&batch);
  for (size_t i = 0; i < n; i++)
    put_rule (&batch, &rewrites[i], i + 1 == n ? NLM_F_ACK : 0);
  begin_message (&batch, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES);
  end_message (&batch);
  return commit (&batch);
}
