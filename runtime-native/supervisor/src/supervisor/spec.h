#ifndef SUPERVISOR_SPEC_H
#define SUPERVISOR_SPEC_H

#include "common/err.h"
#include "common/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* `supervisor.json` as schemas/supervisor-protocol.ts describes it; field for field. All strings belong to `document`. */

enum spec_prepare_kind
{
  PREPARE_FILL,
  PREPARE_MOUNT,
  PREPARE_SUBPATH
};

struct spec_prepare
{
  enum spec_prepare_kind kind;
  const char *from; /* fill */
  const char *to;
  const char *source; /* mount */
  const char *target; /* mount, subpath */
  const char *fstype;
  const char *options;
  const char *base; /* subpath */
  const char *path;
};

struct spec_write
{
  const char *file;
  const char *value;
  bool ignore_errors;
};

struct spec_cgroup
{
  const char *controller;
  const char *path;
  struct spec_write *writes;
  size_t n_writes;
};

struct spec_endpoint
{
  const char *bridge;
  const char *interface_name;
  const char *mac;
  const char *ipv4; /* NULL when absent, as the next three */
  const char *ipv6;
  const char *gateway4;
  const char *gateway6;
  const char **extra_addresses;
  size_t n_extra_addresses;
  uint32_t mtu;
  uint32_t macvlan_mode; /* 0: a veth in a bridge */
  bool hairpin;
  bool isolated;
};

struct spec_sysctl
{
  const char *key;
  const char *value;
};

struct spec_names
{
  const char *table;
  const char *canonical;
  const char **addresses;
  size_t n_addresses;
  const char **names;
  size_t n_names;
};

struct spec_port
{
  const char *host_ip;
  uint16_t host_port;
  bool udp;
  const char *container_ip;
  uint16_t container_port;
  uint32_t owner; /* 0: not shared */
};

struct spec_udp_port
{
  uint16_t host_port;
};

struct spec_firewall
{
  const char *table; /* NULL: nothing is published */
  const char *chain;
  const char **addresses;
  size_t n_addresses;
  struct spec_udp_port *udp_ports;
  size_t n_udp_ports;
};

enum spec_network_mode
{
  NETWORK_PRIVATE,
  NETWORK_HOST,
  NETWORK_JOIN
};

enum spec_log_driver
{
  LOG_NONE,
  LOG_JSON_FILE,
  LOG_SYSLOG,
  LOG_JOURNALD,
  LOG_GELF,
  LOG_FLUENTD
};

enum spec_syslog_format
{
  SYSLOG_RFC3164,
  SYSLOG_RFC5424,
  SYSLOG_RFC5424_MICRO,
  SYSLOG_UNIX
};

enum spec_restart_policy
{
  RESTART_NO,
  RESTART_ALWAYS,
  RESTART_UNLESS_STOPPED,
  RESTART_ON_FAILURE
};

/* A field of every record. */
struct spec_log_field
{
  const char *name;
  const char *value;
};

/* How a server that is away is waited for. */
struct spec_log_delivery
{
  int64_t buffer_bytes;    /* that wait at most */
  int64_t buffer_messages; /* the same as a number; 0: no limit */
  int64_t retry_ms;        /* before the first new attempt; then half as long again each time */
  int64_t max_retry_ms;
  int max_retries; /* attempts until what waits is dropped; negative: no limit */
};

/* TLS to the server, spoken by a program of its own. */
struct spec_log_tls
{
  const char *relay; /* NULL: no TLS */
  const char *server_name;
  const char *ca_file; /* NULL: the system's */
  const char *cert_file;
  const char *key_file;
  bool verify;
};

enum
{
  SPEC_LOG_ATTRIBUTES_MAX = 8192
};

struct spec_log
{
  enum spec_log_driver driver;
  const char *path; /* NULL: no file */
  int64_t max_size;
  int max_files;
  const char *compressor; /* NULL: rotated files stay as they are */
  const char *attributes; /* file: members of each line's "attrs", a JSON object; NULL: none */
  const char *address;
  struct spec_log_delivery delivery;
  struct spec_log_tls tls;
  int facility;    /* syslog */
  const char *tag; /* syslog, fluentd */
  enum spec_syslog_format format;
  const char *extra; /* gelf: members of each message, a JSON object */
  bool sub_second;   /* fluentd */
  struct spec_log_field *fields; /* journald, fluentd */
  size_t n_fields;
};

struct spec_restart
{
  enum spec_restart_policy policy;
  int max_retries;
  int64_t delay_ms;
  int64_t max_delay_ms;
  int64_t window_ms; /* negative: not written */
};

struct spec_health
{
  const char **argv; /* NULL: no health check */
  size_t n_argv;
  int64_t interval_ms;
  int64_t timeout_ms;
  int64_t start_period_ms;
  int64_t start_interval_ms;
  int retries;
};

struct spec
{
  char *text;
  struct json_document *document;
  const char *id;
  const char *name;
  const char *state_dir;
  const char *run_dir;
  struct
  {
    const char **lower;
    size_t n_lower;
    const char *upper;
    const char *work;
  } rootfs;
  struct spec_prepare *prepare;
  size_t n_prepare;
  struct
  {
    bool is_crun;
    const char *path;
    const char *root;
    const char **arguments;
    size_t n_arguments;
    bool join_cgroups;
    bool hide_unified_cgroup;
    bool has_end_hooks;
  } runtime;
  struct spec_cgroup *cgroups;
  size_t n_cgroups;
  struct
  {
    enum spec_network_mode mode;
    int join_pid;
    struct spec_endpoint *endpoints;
    size_t n_endpoints;
    struct spec_sysctl *sysctls;
    size_t n_sysctls;
  } network;
  struct
  {
    bool enabled;
    const char **tables;
    size_t n_tables;
    const char **upstreams;
    size_t n_upstreams;
    const char **links;
    size_t n_links;
    bool ipv6;
  } dns;
  struct spec_names *names;
  size_t n_names;
  struct spec_port *ports;
  size_t n_ports;
  struct spec_firewall firewall;
  struct
  {
    bool tty;
    bool stdin_open;
    bool await_attach; /* the first start waits for a client that attaches */
    uint16_t rows;
    uint16_t columns;
  } process;
  struct
  {
    int pid; /* 0: it belongs to nobody */
    uint64_t start_time;
  } owner;
  struct
  {
    const char *path; /* NULL: nobody wants to know */
    int64_t max_bytes;
  } events;
  struct spec_log log;
  struct spec_restart restart;
  struct
  {
    int signal;
    int64_t timeout_ms;
  } stop;
  struct spec_health health;
};

/* Parses the text (taken over, also on failure); unknown keys are ignored. -EINVAL names the first mistake. */
int spec_parse (char *text, size_t length, struct spec **ret, struct err *e);
void spec_free (struct spec *spec);
void spec_free_pointer (struct spec **spec);
#define cleanup_spec __attribute__ ((cleanup (spec_free_pointer)))

#endif
