#include "supervisor/services.h"

#include "common/cleanup.h"
#include "common/clock.h"
#include "supervisor/conntrack.h"
#include "supervisor/container.h"
#include "supervisor/netfilter.h"
#include "net/dns.h"
#include "net/names.h"
#include "net/proxy.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
  FIRST_DELAY_MS = 100,
  MAX_DELAY_MS = 10000,
  STEADY_MS = 10000 /* one that lived this long starts again without delay */
};

struct service
{
  pid_t pid;
  int64_t started_ms;
  int64_t delay_ms;
  struct timer restart;
  int (*spawn) (pid_t *ret_pid, struct err *e);
};

static struct
{
  int udp_fd;
  int tcp_fd;
  int *port_fds;
  struct proxy_port *ports;
  bool has_names;
  bool are_ports_closed;
} services = { .udp_fd = -1, .tcp_fd = -1 };

static int
spawn_dns (pid_t *ret_pid, struct err *e)
{
  const struct spec *spec = container.spec;
  struct dns_config config = {
    .table_dirs = spec->dns.tables,
    .n_tables = spec->dns.n_tables,
    .upstreams = spec->dns.upstreams,
    .n_upstreams = spec->dns.n_upstreams,
    .links = spec->dns.links,
    .n_links = spec->dns.n_links,
    .ipv6 = spec->dns.ipv6,
  };
  return dns_spawn (&config, services.udp_fd, services.tcp_fd, ret_pid, e);
}

static int
spawn_proxy (pid_t *ret_pid, struct err *e)
{
  return proxy_spawn (services.ports, services.port_fds, container.spec->n_ports, ret_pid, e);
}

static struct service dns = { .spawn = spawn_dns };
static struct service proxy = { .spawn = spawn_proxy };

static int
spawn (struct service *service, struct err *e)
{
  service->started_ms = clock_monotonic_ms ();
  return service->spawn (&service->pid, e);
}

static void
plan_restart (struct service *service)
{
  bool was_steady = clock_monotonic_ms () - service->started_ms > STEADY_MS;
  service->delay_ms = was_steady || service->delay_ms == 0 ? FIRST_DELAY_MS : service->delay_ms * 2;
  if (service->delay_ms > MAX_DELAY_MS)
    service->delay_ms = MAX_DELAY_MS;
  loop_arm (&service->restart, service->delay_ms);
}

static void
restart (struct timer *timer)
{
  struct service *service = timer->owner;
  struct err ignored; /* tried again later */
  if (spawn (service, &ignored) < 0)
    plan_restart (service);
}

static int
start (struct service *service, struct err *e)
{
  service->restart = (struct timer){ .expire = restart, .owner = service };
  return spawn (service, e);
}

int
services_listen (struct err *e)
{
  const struct spec *spec = container.spec;
  if (spec->n_ports == 0)
    return 0;
  services.ports = calloc (spec->n_ports, sizeof *services.ports);
  services.port_fds = calloc (spec->n_ports, sizeof *services.port_fds);
  if (services.ports == NULL || services.port_fds == NULL)
    return err_set (e, ENOMEM, "out of memory");
  for (size_t i = 0; i < spec->n_ports; i++)
    services.ports[i] = (struct proxy_port){
      .host_ip = spec->ports[i].host_ip,
      .host_port = spec->ports[i].host_port,
      .udp = spec->ports[i].udp,
      .container_ip = spec->ports[i].container_ip,
      .container_port = spec->ports[i].container_port,
      .owner = spec->ports[i].owner,
    };
  return proxy_listen (services.ports, spec->n_ports, services.port_fds, e);
}

int
services_start (int netns_fd, struct err *e)
{
  const struct spec *spec = container.spec;
  int r = 0;
  if (spec->dns.enabled && netns_fd >= 0)
    {
      r = dns_bind (netns_fd, &services.udp_fd, &services.tcp_fd, e);
      if (r == 0)
        r = start (&dns, e);
      if (r < 0)
        return err_wrap (e, "resolver");
    }
  if (spec->n_ports > 0)
    {
      r = start (&proxy, e);
      if (r < 0)
        return err_wrap (e, "port proxy");
    }
  return 0;
}

bool
services_child (pid_t pid)
{
  struct service *all[] = { &dns, &proxy };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (all[i]->pid == pid && pid > 0)
      {
        all[i]->pid = 0;
        if (container.status.state != STATE_EXITED)
          plan_restart (all[i]);
        return true;
      }
  return false;
}

void
services_stop (void)
{
  struct service *all[] = { &dns, &proxy };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    {
      loop_disarm (&all[i]->restart);
      if (all[i]->pid > 0)
        (void) kill (all[i]->pid, SIGKILL); /* our child, not reaped */
    }
  /* The ports must be free when the stop is reported: our listeners and, with its death, the proxy's. */
  for (size_t i = 0; services.port_fds != NULL && i < container.spec->n_ports; i++)
    if (services.port_fds[i] >= 0)
      (void) close (services.port_fds[i]); /* a listener without connections of its own */
  if (proxy.pid > 0)
    (void) waitpid (proxy.pid, NULL, 0); /* killed above */
  proxy.pid = 0;
}

int
services_add_names (struct err *e)
{
  const struct spec *spec = container.spec;
  for (size_t i = 0; i < spec->n_names; i++)
    {
      struct names_record record = {
        .table_dir = spec->names[i].table,
        .container_id = spec->id,
        .canonical = spec->names[i].canonical,
        .addresses = spec->names[i].addresses,
        .n_addresses = spec->names[i].n_addresses,
        .names = spec->names[i].names,
        .n_names = spec->names[i].n_names,
      };
      services.has_names = true;
      int r = names_add (&record, e);
      if (r < 0)
        return err_wrap (e, "names");
    }
  return 0;
}

void
services_remove_names (void)
{
  struct err ignored; /* a table that is gone has no line of ours */
  for (size_t i = 0; services.has_names && i < container.spec->n_names; i++)
    (void) names_remove (container.spec->names[i].table, container.spec->id, &ignored);
  services.has_names = false;
}

void
services_open_ports (void)
{
  struct err ignored; /* the table is gone: the next command that starts something makes it anew, with the gate open */
  if (services.are_ports_closed)
    (void) netfilter_open_gate (&container.spec->firewall, &ignored);
  services.are_ports_closed = false;
}

void
services_close_ports (void)
{
  struct err ignored; /* as above: a port without rules leads nowhere */
  if (container.spec->firewall.table == NULL || services.are_ports_closed)
    return;
  (void) netfilter_close_gate (&container.spec->firewall, &ignored);
  services.are_ports_closed = true;
}

void
services_claim_flows (void)
{
  struct err ignored; /* a kernel that cannot list connections: they end after 30 s without a datagram */
  (void) conntrack_forget_dark (&container.spec->firewall, &ignored);
}

void
services_end_flows (void)
{
  struct err ignored; /* as above */
  (void) conntrack_forget_container (&container.spec->firewall, &ignored);
}
