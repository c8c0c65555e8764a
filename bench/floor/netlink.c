#include "netlink.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
  struct nlmsghdr header;
  char rest[1024];
};

static void *reserve(struct request *request, size_t size) {
  void *at = (char *)request + NLMSG_ALIGN(request->header.nlmsg_len);
  memset(at, 0, NLMSG_ALIGN(size));
  request->header.nlmsg_len = (uint32_t)(NLMSG_ALIGN(request->header.nlmsg_len) + size);
  return at;
}

static struct request begin(int type, int flags) {
  struct request request = {.header = {.nlmsg_len = NLMSG_HDRLEN, .nlmsg_type = (uint16_t)type}};
  request.header.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags);
  return request;
}

static struct rtattr *put(struct request *request, int type, const void *data, size_t size) {
  struct rtattr *attribute = reserve(request, RTA_LENGTH(size));
  attribute->rta_type = (uint16_t)type;
  attribute->rta_len = (uint16_t)RTA_LENGTH(size);
  if (size > 0) memcpy(RTA_DATA(attribute), data, size);
  return attribute;
}

static void close_nest(struct request *request, struct rtattr *nest) {
  nest->rta_len = (uint16_t)((char *)request + request->header.nlmsg_len - (char *)nest);
}

static int send_request(int socket_fd, struct request *request) {
  char reply[4096];
  if (send(socket_fd, request, request->header.nlmsg_len, 0) < 0) err(1, "netlink send");
  ssize_t size = recv(socket_fd, reply, sizeof reply, 0);
  if (size < 0) err(1, "netlink receive");
  const struct nlmsghdr *header = (const struct nlmsghdr *)reply;
  if (header->nlmsg_type != NLMSG_ERROR) errx(1, "netlink: unexpected reply %d", header->nlmsg_type);
  return -((const struct nlmsgerr *)NLMSG_DATA(header))->error;
}

static void must(int socket_fd, struct request *request, const char *what) {
  errno = send_request(socket_fd, request);
  if (errno != 0) err(1, "%s", what);
}

int netlink_open(void) {
  int socket_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (socket_fd < 0) err(1, "netlink socket");
  return socket_fd;
}

static void add_address(int socket_fd, int index, uint32_t address) {
  struct request request = begin(RTM_NEWADDR, NLM_F_CREATE);
  struct ifaddrmsg *message = reserve(&request, sizeof *message);
  *message = (struct ifaddrmsg){.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = (uint32_t)index};
  uint32_t wire = htonl(address);
  put(&request, IFA_LOCAL, &wire, sizeof wire);
  must(socket_fd, &request, "address");
}

int netlink_bridge(int socket_fd, const char *name, uint32_t ipv4_gateway) {
  struct request request = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  struct ifinfomsg *message = reserve(&request, sizeof *message);
  *message = (struct ifinfomsg){.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  put(&request, IFLA_IFNAME, name, strlen(name) + 1);
  struct rtattr *info = put(&request, IFLA_LINKINFO, NULL, 0);
  put(&request, IFLA_INFO_KIND, "bridge", 7);
  close_nest(&request, info);
  must(socket_fd, &request, "bridge");
  int index = (int)if_nametoindex(name);
  add_address(socket_fd, index, ipv4_gateway);
  return index;
}

void netlink_veth(int socket_fd, const char *host, int master, int netns_fd) {
  struct request request = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  struct ifinfomsg *message = reserve(&request, sizeof *message);
  *message = (struct ifinfomsg){.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  put(&request, IFLA_IFNAME, host, strlen(host) + 1);
  put(&request, IFLA_MASTER, &master, sizeof master);
  struct rtattr *info = put(&request, IFLA_LINKINFO, NULL, 0);
  put(&request, IFLA_INFO_KIND, "veth", 5);
  struct rtattr *data = put(&request, IFLA_INFO_DATA, NULL, 0);
  struct rtattr *peer = put(&request, VETH_INFO_PEER, NULL, 0);
  (void)reserve(&request, sizeof(struct ifinfomsg));
  put(&request, IFLA_IFNAME, "eth0", 5);
  put(&request, IFLA_NET_NS_FD, &netns_fd, sizeof netns_fd);
  close_nest(&request, peer);
  close_nest(&request, data);
  close_nest(&request, info);
  must(socket_fd, &request, "veth");
}

static void set_up(int socket_fd, int index) {
  struct request request = begin(RTM_NEWLINK, 0);
  struct ifinfomsg *message = reserve(&request, sizeof *message);
  *message = (struct ifinfomsg){.ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
  must(socket_fd, &request, "link up");
}

void netlink_configure(int socket_fd, uint32_t address, uint32_t gateway) {
  int index = (int)if_nametoindex("eth0");
  set_up(socket_fd, 1);
  add_address(socket_fd, index, address);
  set_up(socket_fd, index);
  struct request request = begin(RTM_NEWROUTE, NLM_F_CREATE);
  struct rtmsg *message = reserve(&request, sizeof *message);
  *message = (struct rtmsg){
      .rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BOOT, .rtm_type = RTN_UNICAST};
  uint32_t wire = htonl(gateway);
  put(&request, RTA_GATEWAY, &wire, sizeof wire);
  must(socket_fd, &request, "route");
}

void netlink_delete(int socket_fd, const char *name) {
  struct request request = begin(RTM_DELLINK, 0);
  (void)reserve(&request, sizeof(struct ifinfomsg));
  put(&request, IFLA_IFNAME, name, strlen(name) + 1);
  (void)send_request(socket_fd, &request); // Nothing to delete is fine.
}
