#include "supervisor/netfilter.h"

#include "common/cleanup.h"
#include "supervisor/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum
{
  CHAIN_NAME = 64
};

/* Messages of one transaction, one after the other. */
struct batch
{
  _Alignas (8) uint8_t data[2048];
  size_t length;
};

static void
batch_mark (struct batch *batch, uint16_t type)
{
  struct
  {
    struct nlmsghdr header;
    struct nfgenmsg body;
  } message = { .header = { .nlmsg_len = sizeof message, .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST },
                .body = { .nfgen_family = AF_UNSPEC, .res_id = htons (NFNL_SUBSYS_NFTABLES) } };
  memcpy (batch->data + batch->length, &message, sizeof message);
  batch->length += sizeof message;
}

/* A rule message; it fits: names are at most CHAIN_NAME long. */
static void
batch_add (struct batch *batch, const struct netlink *message)
{
  uint32_t length = (uint32_t) message->length;
  memcpy (batch->data + batch->length, message->data, message->length);
  memcpy (batch->data + batch->length + offsetof (struct nlmsghdr, nlmsg_len), &length, sizeof length);
  batch->length += message->length;
}

static void
begin_rule (struct netlink *message, uint16_t type, uint16_t flags, const struct spec_firewall *firewall)
{
  struct nfgenmsg header = { .nfgen_family = NFPROTO_INET };
  char gate[CHAIN_NAME];
  (void) snprintf (gate, sizeof gate, "gate-%s", firewall->chain); /* spec_parse has bounded it */
  netlink_begin (message, (uint16_t) (NFNL_SUBSYS_NFTABLES << 8 | type), flags, &header, sizeof header);
  netlink_put_string (message, NFTA_RULE_TABLE, firewall->table);
  netlink_put_string (message, NFTA_RULE_CHAIN, gate);
}

/* `jump ports-…`, as the kernel's only expression for a verdict: an immediate value in the verdict register. */
static void
put_jump (struct netlink *message, const struct spec_firewall *firewall)
{
  char ports[CHAIN_NAME];
  (void) snprintf (ports, sizeof ports, "ports-%s", firewall->chain); /* spec_parse has bounded it */
  size_t expressions = netlink_nest (message, NFTA_RULE_EXPRESSIONS | NLA_F_NESTED, NULL, 0);
  size_t element = netlink_nest (message, NFTA_LIST_ELEM | NLA_F_NESTED, NULL, 0);
  netlink_put_string (message, NFTA_EXPR_NAME, "immediate");
  size_t immediate = netlink_nest (message, NFTA_EXPR_DATA | NLA_F_NESTED, NULL, 0);
  netlink_put_u32 (message, NFTA_IMMEDIATE_DREG, htonl (NFT_REG_VERDICT));
  size_t data = netlink_nest (message, NFTA_IMMEDIATE_DATA | NLA_F_NESTED, NULL, 0);
  size_t verdict = netlink_nest (message, NFTA_DATA_VERDICT | NLA_F_NESTED, NULL, 0);
  netlink_put_u32 (message, NFTA_VERDICT_CODE, htonl ((uint32_t) NFT_JUMP));
  netlink_put_string (message, NFTA_VERDICT_CHAIN, ports);
  netlink_end (message, verdict);
  netlink_end (message, data);
  netlink_end (message, immediate);
  netlink_end (message, element);
  netlink_end (message, expressions);
}

/* The kernel has handled all of it when send returns: its answer is there. */
static int
commit (const struct batch *batch, struct err *e)
{
  int fd cleanup_fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (fd < 0)
    return err_errno (e, "netfilter socket");
  if (send (fd, batch->data, batch->length, 0) < 0)
    return err_errno (e, "netfilter send");
  _Alignas (8) char reply[2048];
  ssize_t got = recv (fd, reply, sizeof reply, MSG_DONTWAIT);
  if (got < 0)
    return err_errno (e, "netfilter receive");
  const struct nlmsghdr *message = (const void *) reply;
  if ((size_t) got < NLMSG_LENGTH (sizeof (struct nlmsgerr)) || message->nlmsg_type != NLMSG_ERROR)
    return err_set (e, EPROTO, "unexpected netfilter answer");
  errno = -((const struct nlmsgerr *) NLMSG_DATA (message))->error;
  return errno == 0 ? 0 : err_errno (e, "netfilter");
}

static int
set_gate (const struct spec_firewall *firewall, bool is_open, struct err *e)
{
  struct batch batch = { .length = 0 };
  struct netlink message;
  batch_mark (&batch, NFNL_MSG_BATCH_BEGIN);
  /* All rules of the chain; opening begins with it too, since a command may have opened it meanwhile. */
  begin_rule (&message, NFT_MSG_DELRULE, 0, firewall);
  batch_add (&batch, &message);
  if (is_open)
    {
      begin_rule (&message, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, firewall);
      put_jump (&message, firewall);
      batch_add (&batch, &message);
    }
  batch_mark (&batch, NFNL_MSG_BATCH_END);
  return commit (&batch, e);
}

int
netfilter_open_gate (const struct spec_firewall *firewall, struct err *e)
{
  return set_gate (firewall, true, e);
}

int
netfilter_close_gate (const struct spec_firewall *firewall, struct err *e)
{
  return set_gate (firewall, false, e);
}
