#include "supervisor/network.h"

#include "common/cleanup.h"
#include "common/io.h"
#include "supervisor/netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>

enum
{
  NAME_ATTEMPTS = 8
};

struct address
{
  uint8_t family;
  uint8_t prefix;
  uint8_t size;
  uint8_t bytes[16];
};

static int
parse_address (const char *text, bool with_prefix, struct address *ret, struct err *e)
{
  char host[64];
  const char *slash = strchr (text, '/');
  size_t length = slash == NULL ? strlen (text) : (size_t) (slash - text);
  struct address address = { .family = memchr (text, ':', length) == NULL ? AF_INET : AF_INET6 };
  address.size = address.family == AF_INET ? 4 : 16;
  uint64_t prefix = 0;
  if (length >= sizeof host || (slash != NULL) != with_prefix)
    return err_set (e, EINVAL, "bad address \"%s\"", text);
  memcpy (host, text, length);
  host[length] = '\0';
  if (inet_pton (address.family, host, address.bytes) != 1
      || (slash != NULL && io_parse_unsigned (slash + 1, address.size * 8U, &prefix) < 0))
    return err_set (e, EINVAL, "bad address \"%s\"", text);
  address.prefix = (uint8_t) prefix;
  *ret = address;
  return 0;
}

static int
parse_mac (const char *text, uint8_t mac[static 6], struct err *e)
{
  unsigned bytes[6];
  int end = 0;
  if (sscanf (text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &bytes[0], &bytes[1], &bytes[2], &bytes[3], &bytes[4], &bytes[5], &end) != 6
      || text[end] != '\0')
    return err_set (e, EINVAL, "bad MAC address \"%s\"", text);
  for (int i = 0; i < 6; i++)
    mac[i] = (uint8_t) bytes[i];
  return 0;
}

static int
interface_index (int socket_fd, const char *name, int *ret, struct err *e)
{
  struct ifreq request = { 0 };
  size_t length = strlen (name);
  if (length >= sizeof request.ifr_name)
    return err_set (e, ENAMETOOLONG, "interface name \"%s\"", name);
  memcpy (request.ifr_name, name, length);
  if (ioctl (socket_fd, SIOCGIFINDEX, &request) < 0)
    return err_errno (e, "interface \"%s\"", name);
  *ret = request.ifr_ifindex;
  return 0;
}

/* Writes 1 to an interface's switch in the current namespace. */
static int
enable_net_sysctl (const char *family, const char *interface, const char *key, struct err *e)
{
  char path[128];
  (void) snprintf (path, sizeof path, "/proc/sys/net/%s/conf/%s/%s", family, interface, key); /* interface names are bounded */
  return io_write_file_at (AT_FDCWD, path, "1", e);
}

static int
write_sysctls (const struct spec *spec, struct err *e)
{
  for (size_t i = 0; i < spec->network.n_sysctls; i++)
    {
      const struct spec_sysctl *sysctl = &spec->network.sysctls[i];
      char path[256];
      int n = snprintf (path, sizeof path, "/proc/sys/%s", sysctl->key);
      if (n < 0 || (size_t) n >= sizeof path || strncmp (sysctl->key, "net", 3) != 0 || strstr (sysctl->key, "..") != NULL)
        return err_set (e, EINVAL, "bad sysctl \"%s\"", sysctl->key);
      /* `net.ipv4.x` and `net/ipv4/x` are both in use; interface names with dots need the latter. */
      if (strchr (sysctl->key, '/') == NULL)
        for (char *p = path; *p != '\0'; p++)
          *p = *p == '.' ? '/' : *p;
      int r = io_write_file_at (AT_FDCWD, path, sysctl->value, e);
      if (r < 0)
        return r;
    }
  return 0;
}

/* A veth whose host side is up and in the bridge, and whose other side is born in the container's namespace. The other
   side cannot be up in the same message. */
static int
create_veth (const struct spec_endpoint *endpoint, int host_fd, int bridge, int netns_fd, char host_name[static IFNAMSIZ], struct err *e)
{
  uint8_t mac[6];
  int r = parse_mac (endpoint->mac, mac, e);
  for (int attempt = 0; r == 0; attempt++)
    {
      /* A namespace dies later than its processes, its host side with it: a fixed name could still be taken. */
      uint8_t random[5];
      if (getrandom (random, sizeof random, 0) != (ssize_t) sizeof random)
        return err_errno (e, "getrandom");
      (void) snprintf (host_name, IFNAMSIZ, "tsv%02x%02x%02x%02x%02x", random[0], random[1], random[2], random[3], random[4]);
      struct netlink n;
      struct ifinfomsg up = { .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
      struct ifinfomsg peer = { 0 };
      netlink_begin (&n, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up, sizeof up);
      netlink_put_string (&n, IFLA_IFNAME, host_name);
      netlink_put_u32 (&n, IFLA_MTU, endpoint->mtu);
      netlink_put_u32 (&n, IFLA_MASTER, (uint32_t) bridge);
      size_t info = netlink_nest (&n, IFLA_LINKINFO, NULL, 0);
      netlink_put_string (&n, IFLA_INFO_KIND, "veth");
      size_t data = netlink_nest (&n, IFLA_INFO_DATA, NULL, 0);
      size_t other = netlink_nest (&n, VETH_INFO_PEER, &peer, sizeof peer);
      netlink_put_string (&n, IFLA_IFNAME, endpoint->interface_name);
      netlink_put_u32 (&n, IFLA_MTU, endpoint->mtu);
      netlink_put (&n, IFLA_ADDRESS, mac, sizeof mac);
      netlink_put_u32 (&n, IFLA_NET_NS_FD, (uint32_t) netns_fd);
      netlink_end (&n, other);
      netlink_end (&n, data);
      netlink_end (&n, info);
      r = netlink_send (&n, host_fd, e);
      if (r != -EEXIST || attempt == NAME_ATTEMPTS)
        break;
      r = 0;
    }
  return r;
}

/* A link of its own below the host's link PARENT, born in the container's namespace. */
static int
create_macvlan (const struct spec_endpoint *endpoint, int host_fd, int parent, int netns_fd, struct err *e)
{
  uint8_t mac[6];
  int r = parse_mac (endpoint->mac, mac, e);
  if (r < 0)
    return r;
  struct netlink n;
  struct ifinfomsg link = { 0 };
  netlink_begin (&n, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link);
  netlink_put_string (&n, IFLA_IFNAME, endpoint->interface_name);
  netlink_put_u32 (&n, IFLA_LINK, (uint32_t) parent);
  netlink_put_u32 (&n, IFLA_MTU, endpoint->mtu);
  netlink_put (&n, IFLA_ADDRESS, mac, sizeof mac);
  netlink_put_u32 (&n, IFLA_NET_NS_FD, (uint32_t) netns_fd);
  size_t info = netlink_nest (&n, IFLA_LINKINFO, NULL, 0);
  netlink_put_string (&n, IFLA_INFO_KIND, "macvlan");
  size_t data = netlink_nest (&n, IFLA_INFO_DATA, NULL, 0);
  netlink_put_u32 (&n, IFLA_MACVLAN_MODE, endpoint->macvlan_mode);
  netlink_end (&n, data);
  netlink_end (&n, info);
  return netlink_send (&n, host_fd, e);
}

/* The host side gets no IPv6 address of its own: with many ports their multicast is quadratic. */
static int
tune_host_side (const struct spec_endpoint *endpoint, int host_fd, const char *host_name, struct err *e)
{
  struct netlink n;
  struct ifinfomsg link = { 0 };
  uint8_t mode = IN6_ADDR_GEN_MODE_NONE;
  uint8_t on = 1;
  bool is_port_set = endpoint->hairpin || endpoint->isolated;
  netlink_begin (&n, RTM_NEWLINK, 0, &link, sizeof link);
  netlink_put_string (&n, IFLA_IFNAME, host_name);
  size_t families = netlink_nest (&n, IFLA_AF_SPEC, NULL, 0);
  size_t inet6 = netlink_nest (&n, AF_INET6, NULL, 0);
  netlink_put (&n, IFLA_INET6_ADDR_GEN_MODE, &mode, sizeof mode);
  netlink_end (&n, inet6);
  netlink_end (&n, families);
  if (is_port_set)
    {
      size_t info = netlink_nest (&n, IFLA_LINKINFO, NULL, 0);
      netlink_put_string (&n, IFLA_INFO_SLAVE_KIND, "bridge");
      size_t data = netlink_nest (&n, IFLA_INFO_SLAVE_DATA, NULL, 0);
      if (endpoint->hairpin)
        netlink_put (&n, IFLA_BRPORT_MODE, &on, sizeof on);
      if (endpoint->isolated)
        netlink_put (&n, IFLA_BRPORT_ISOLATED, &on, sizeof on);
      netlink_end (&n, data);
      netlink_end (&n, info);
    }
  int r = netlink_send (&n, host_fd, e);
  /* A kernel without IPv6 knows no generation mode and needs none. */
  return r == -EAFNOSUPPORT && !is_port_set ? 0 : r;
}

static int
set_link_up (int inner_fd, int index, struct err *e)
{
  struct netlink n;
  struct ifinfomsg link = { .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
  netlink_begin (&n, RTM_NEWLINK, 0, &link, sizeof link);
  return netlink_send (&n, inner_fd, e);
}

static int
add_address (int inner_fd, int index, const char *text, struct err *e)
{
  struct address address;
  int r = parse_address (text, true, &address, e);
  if (r < 0)
    return r;
  struct netlink n;
  struct ifaddrmsg header = {
    .ifa_family = address.family,
    .ifa_prefixlen = address.prefix,
    /* The lease makes it unique; duplicate address detection would keep it unusable for a second. */
    .ifa_flags = address.family == AF_INET6 ? IFA_F_NODAD : 0,
    .ifa_index = (uint32_t) index,
  };
  netlink_begin (&n, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
  netlink_put (&n, IFA_LOCAL, address.bytes, address.size);
  netlink_put (&n, IFA_ADDRESS, address.bytes, address.size);
  if (address.family == AF_INET && address.prefix < 31)
    {
      uint32_t host_bits = address.prefix == 0 ? UINT32_MAX : (1U << (32 - address.prefix)) - 1;
      uint32_t broadcast = 0;
      memcpy (&broadcast, address.bytes, 4);
      broadcast |= htonl (host_bits);
      netlink_put (&n, IFA_BROADCAST, &broadcast, 4);
    }
  return netlink_send (&n, inner_fd, e);
}

static int
add_default_route (int inner_fd, int index, const char *gateway, struct err *e)
{
  struct address address;
  int r = parse_address (gateway, false, &address, e);
  if (r < 0)
    return r;
  struct netlink n;
  struct rtmsg route = {
    .rtm_family = address.family,
    .rtm_table = RT_TABLE_MAIN,
    .rtm_protocol = RTPROT_BOOT,
    .rtm_scope = RT_SCOPE_UNIVERSE,
    .rtm_type = RTN_UNICAST,
  };
  netlink_begin (&n, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, sizeof route);
  netlink_put (&n, RTA_GATEWAY, address.bytes, address.size);
  netlink_put_u32 (&n, RTA_OIF, (uint32_t) index);
  return netlink_send (&n, inner_fd, e);
}

/* The container's side: IPv6 off unless wanted, addresses, up. Up comes after the address so that arp_notify announces
   it: the address may have belonged to another MAC address a moment ago. */
static int
configure_inner_side (const struct spec_endpoint *endpoint, int inner_fd, int index, struct err *e)
{
  struct err ignored;
  if (endpoint->ipv6 == NULL) /* a kernel without IPv6 has no such file */
    (void) enable_net_sysctl ("ipv6", endpoint->interface_name, "disable_ipv6", &ignored);
  /* An announcement is an optimisation. */
  (void) enable_net_sysctl ("ipv4", endpoint->interface_name, "arp_notify", &ignored);
  int r = endpoint->ipv4 == NULL ? 0 : add_address (inner_fd, index, endpoint->ipv4, e);
  if (r == 0 && endpoint->ipv6 != NULL)
    r = add_address (inner_fd, index, endpoint->ipv6, e);
  for (size_t i = 0; r == 0 && i < endpoint->n_extra_addresses; i++)
    r = add_address (inner_fd, index, endpoint->extra_addresses[i], e);
  if (r == 0)
    r = set_link_up (inner_fd, index, e);
  if (r == 0 && endpoint->gateway4 != NULL)
    r = add_default_route (inner_fd, index, endpoint->gateway4, e);
  if (r == 0 && endpoint->gateway6 != NULL)
    r = add_default_route (inner_fd, index, endpoint->gateway6, e);
  return r;
}

struct namespaces
{
  int host_netlink;
  int inner_netlink;
  int host_socket; /* for interface look-ups */
  int inner_socket;
  int netns;
};

static int
connect_endpoint (const struct spec_endpoint *endpoint, const struct namespaces *in, struct err *e)
{
  char host_name[IFNAMSIZ];
  int bridge = 0;
  int index = 0;
  int r = interface_index (in->host_socket, endpoint->bridge, &bridge, e);
  if (r == 0 && endpoint->macvlan_mode != 0)
    r = create_macvlan (endpoint, in->host_netlink, bridge, in->netns, e);
  else if (r == 0)
    {
      r = create_veth (endpoint, in->host_netlink, bridge, in->netns, host_name, e);
      if (r == 0)
        r = tune_host_side (endpoint, in->host_netlink, host_name, e);
    }
  if (r == 0)
    r = interface_index (in->inner_socket, endpoint->interface_name, &index, e);
  if (r == 0)
    r = configure_inner_side (endpoint, in->inner_netlink, index, e);
  return r < 0 ? err_wrap (e, "endpoint \"%s\" of bridge \"%s\"", endpoint->interface_name, endpoint->bridge) : 0;
}

/* Called inside the new namespace. */
static int
populate (const struct spec *spec, struct namespaces *in, struct err *e)
{
  int inner_netlink cleanup_fd = -1;
  int r = netlink_open (&inner_netlink, e);
  if (r < 0)
    return r;
  int inner_socket cleanup_fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (inner_socket < 0)
    return err_errno (e, "socket");
  in->inner_netlink = inner_netlink;
  in->inner_socket = inner_socket;
  int loopback = 0;
  r = interface_index (inner_socket, "lo", &loopback, e);
  if (r == 0)
    r = set_link_up (inner_netlink, loopback, e);
  for (size_t i = 0; r == 0 && i < spec->network.n_endpoints; i++)
    r = connect_endpoint (&spec->network.endpoints[i], in, e);
  return r < 0 ? r : write_sysctls (spec, e);
}

static int
create_private (const struct spec *spec, int *ret_netns_fd, struct err *e)
{
  int host_netns cleanup_fd = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (host_netns < 0)
    return err_errno (e, "open /proc/self/ns/net");
  int host_netlink cleanup_fd = -1;
  int r = netlink_open (&host_netlink, e);
  if (r < 0)
    return r;
  int host_socket cleanup_fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (host_socket < 0)
    return err_errno (e, "socket");
  if (unshare (CLONE_NEWNET) < 0)
    return err_errno (e, "new network namespace");
  int netns cleanup_fd = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (netns < 0)
    r = err_errno (e, "open /proc/self/ns/net");
  struct namespaces in = { .host_netlink = host_netlink, .host_socket = host_socket, .netns = netns };
  if (r == 0)
    r = populate (spec, &in, e);
  if (setns (host_netns, CLONE_NEWNET) < 0)
    return err_errno (e, "return to the host's network namespace");
  if (r == 0)
    *ret_netns_fd = steal_fd (&netns);
  return r;
}

int
network_setup (const struct spec *spec, int *ret_netns_fd, struct err *e)
{
  char path[64];
  switch (spec->network.mode)
    {
    case NETWORK_HOST: return 0;
    case NETWORK_PRIVATE: return create_private (spec, ret_netns_fd, e);
    case NETWORK_JOIN:
      (void) snprintf (path, sizeof path, "/proc/%d/ns/net", spec->network.join_pid); /* fits */
      *ret_netns_fd = open (path, O_RDONLY | O_CLOEXEC);
      return *ret_netns_fd < 0 ? err_errno (e, "join the network namespace of process %d", spec->network.join_pid) : 0;
    default: return err_set (e, EINVAL, "unknown network mode");
    }
}
