/* long file: one function for each object of the protocol, in its order. */
#include "supervisor/spec.h"

#include "common/cleanup.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* One list element: fills ELEMENT, which is zeroed. */
typedef int (*parse_element) (const struct json *json, void *element, struct err *e);

static const int64_t max_ms = (int64_t) 1 << 52;

enum
{
  MAX_CHAIN = 48 /* netfilter.c puts them into buffers */
};

/* Parses the array member KEY into elements of SIZE bytes; *RET is the caller's. */
static int
parse_list (const struct json *object, const char *key, size_t size, parse_element parse, void *ret, size_t *ret_count, struct err *e)
{
  const struct json *array = NULL;
  int r = json_array_or_empty (object, key, &array, e);
  if (r < 0)
    return r;
  size_t count = array == NULL ? 0 : array->count;
  char *elements = calloc (count + 1, size);
  if (elements == NULL)
    return err_set (e, ENOMEM, "out of memory");
  *(void **) ret = elements; /* freed with the spec, also when an element is wrong */
  size_t i = 0;
  for json_each (element, array)
    {
      if (element->type != JSON_OBJECT)
        return err_set (e, EINVAL, "%s[%zu] must be an object", key, i);
      *ret_count = i + 1;
      r = parse (element, elements + i * size, e);
      if (r < 0)
        return err_wrap (e, "%s[%zu]", key, i);
      i++;
    }
  return 0;
}

/* Index of the member's value in the NULL-terminated list. */
static int
parse_word (const struct json *object, const char *key, const char *const *words, int *ret, struct err *e)
{
  const char *word = NULL;
  int r = json_string (object, key, &word, e);
  if (r < 0)
    return r;
  for (int i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], word) == 0)
      {
        *ret = i;
        return 0;
      }
  return err_set (e, EINVAL, "\"%s\" has the unknown value \"%s\"", key, word);
}

static int
parse_path (const struct json *object, const char *key, const char **ret, struct err *e)
{
  int r = json_string (object, key, ret, e);
  if (r == 0 && (*ret)[0] != '/')
    r = err_set (e, EINVAL, "\"%s\" must be an absolute path", key);
  return r;
}

static int
parse_int (const struct json *object, const char *key, int64_t min, int64_t max, int *ret, struct err *e)
{
  int64_t value = 0;
  int r = json_integer (object, key, min, max, &value, e);
  if (r == 0)
    *ret = (int) value;
  return r;
}

static int
parse_port_number (const struct json *object, const char *key, uint16_t *ret, struct err *e)
{
  int value = 0;
  int r = parse_int (object, key, 1, 65535, &value, e);
  if (r == 0)
    *ret = (uint16_t) value;
  return r;
}

static int
parse_prepare (const struct json *json, void *element, struct err *e)
{
  struct spec_prepare *prepare = element;
  static const char *const kinds[] = { "fill", "mount", "subpath", NULL };
  int kind = 0;
  int r = parse_word (json, "kind", kinds, &kind, e);
  if (r < 0)
    return r;
  prepare->kind = (enum spec_prepare_kind) kind;
  if (prepare->kind == PREPARE_FILL)
    return (r = json_string (json, "from", &prepare->from, e)) < 0 ? r : parse_path (json, "to", &prepare->to, e);
  if (prepare->kind == PREPARE_SUBPATH)
    {
      r = parse_path (json, "base", &prepare->base, e);
      if (r == 0)
        r = json_string (json, "path", &prepare->path, e);
      return r < 0 ? r : parse_path (json, "target", &prepare->target, e);
    }
  r = json_string (json, "source", &prepare->source, e);
  if (r == 0)
    r = parse_path (json, "target", &prepare->target, e);
  if (r == 0)
    r = json_string (json, "fstype", &prepare->fstype, e);
  return r < 0 ? r : json_string (json, "options", &prepare->options, e);
}

static int
parse_write (const struct json *json, void *element, struct err *e)
{
  struct spec_write *write = element;
  int r = json_string (json, "file", &write->file, e);
  if (r == 0 && (strchr (write->file, '/') != NULL || write->file[0] == '\0'))
    r = err_set (e, EINVAL, "\"file\" must be a plain name");
  if (r == 0)
    r = json_string (json, "value", &write->value, e);
  return r < 0 ? r : json_bool_or (json, "ignoreErrors", false, &write->ignore_errors, e);
}

static int
parse_cgroup (const struct json *json, void *element, struct err *e)
{
  struct spec_cgroup *cgroup = element;
  int r = json_string (json, "controller", &cgroup->controller, e);
  if (r == 0)
    r = parse_path (json, "path", &cgroup->path, e);
  return r < 0 ? r : parse_list (json, "writes", sizeof *cgroup->writes, parse_write, &cgroup->writes, &cgroup->n_writes, e);
}

static int
parse_endpoint (const struct json *json, void *element, struct err *e)
{
  struct spec_endpoint *endpoint = element;
  int64_t mtu = 0;
  int64_t macvlan_mode = 0;
  int r = json_string (json, "bridge", &endpoint->bridge, e);
  if (r == 0)
    r = json_string (json, "interfaceName", &endpoint->interface_name, e);
  if (r == 0)
    r = json_string (json, "mac", &endpoint->mac, e);
  if (r == 0)
    r = json_string_or (json, "ipv4", NULL, &endpoint->ipv4, e);
  if (r == 0)
    r = json_string_or (json, "ipv6", NULL, &endpoint->ipv6, e);
  if (r == 0)
    r = json_string_or (json, "gateway4", NULL, &endpoint->gateway4, e);
  if (r == 0)
    r = json_string_or (json, "gateway6", NULL, &endpoint->gateway6, e);
  if (r == 0)
    r = json_integer (json, "mtu", 68, 65535, &mtu, e);
  if (r == 0)
    r = json_integer_or (json, "macvlanMode", 0, 16, 0, &macvlan_mode, e);
  endpoint->mtu = (uint32_t) mtu;
  endpoint->macvlan_mode = (uint32_t) macvlan_mode;
  if (r == 0)
    r = json_strings_or_empty (json, "extraAddresses", &endpoint->extra_addresses, &endpoint->n_extra_addresses, e);
  if (r == 0)
    r = json_bool_or (json, "isolated", false, &endpoint->isolated, e);
  return r < 0 ? r : json_bool_or (json, "hairpin", false, &endpoint->hairpin, e);
}

static int
parse_sysctl (const struct json *json, void *element, struct err *e)
{
  struct spec_sysctl *sysctl = element;
  int r = json_string (json, "key", &sysctl->key, e);
  return r < 0 ? r : json_string (json, "value", &sysctl->value, e);
}

static int
parse_names (const struct json *json, void *element, struct err *e)
{
  struct spec_names *names = element;
  int r = parse_path (json, "table", &names->table, e);
  if (r == 0)
    r = json_string (json, "canonical", &names->canonical, e);
  if (r == 0)
    r = json_strings_or_empty (json, "addresses", &names->addresses, &names->n_addresses, e);
  return r < 0 ? r : json_strings_or_empty (json, "names", &names->names, &names->n_names, e);
}

static int
parse_port (const struct json *json, void *element, struct err *e)
{
  struct spec_port *port = element;
  int64_t owner = 0;
  static const char *const protocols[] = { "tcp", "udp", NULL };
  int protocol = 0;
  int r = json_string (json, "hostIp", &port->host_ip, e);
  if (r == 0)
    r = parse_port_number (json, "hostPort", &port->host_port, e);
  if (r == 0)
    r = parse_word (json, "protocol", protocols, &protocol, e);
  port->udp = protocol == 1;
  if (r == 0)
    r = json_string (json, "containerIp", &port->container_ip, e);
  if (r == 0)
    r = json_integer_or (json, "owner", 0, INT32_MAX, 0, &owner, e);
  port->owner = (uint32_t) owner;
  return r < 0 ? r : parse_port_number (json, "containerPort", &port->container_port, e);
}

static int
parse_rootfs (const struct json *json, struct spec *spec, struct err *e)
{
  int r = json_strings_or_empty (json, "lower", &spec->rootfs.lower, &spec->rootfs.n_lower, e);
  if (r == 0 && spec->rootfs.n_lower == 0)
    r = err_set (e, EINVAL, "\"lower\" must have at least one directory");
  if (r == 0)
    r = parse_path (json, "upper", &spec->rootfs.upper, e);
  return r < 0 ? r : parse_path (json, "work", &spec->rootfs.work, e);
}

static int
parse_runtime (const struct json *json, struct spec *spec, struct err *e)
{
  static const char *const kinds[] = { "crun", "runc", NULL };
  int kind = 0;
  int r = parse_word (json, "kind", kinds, &kind, e);
  spec->runtime.is_crun = kind == 0;
  if (r == 0)
    r = parse_path (json, "path", &spec->runtime.path, e);
  if (r == 0)
    r = parse_path (json, "root", &spec->runtime.root, e);
  if (r == 0)
    r = json_strings_or_empty (json, "arguments", &spec->runtime.arguments, &spec->runtime.n_arguments, e);
  if (r == 0)
    r = json_bool (json, "joinCgroups", &spec->runtime.join_cgroups, e);
  if (r == 0)
    r = json_bool_or (json, "hasEndHooks", false, &spec->runtime.has_end_hooks, e);
  return r < 0 ? r : json_bool (json, "hideUnifiedCgroup", &spec->runtime.hide_unified_cgroup, e);
}

static int
parse_network (const struct json *json, struct spec *spec, struct err *e)
{
  static const char *const modes[] = { "private", "host", "join", NULL };
  int mode = 0;
  int r = parse_word (json, "mode", modes, &mode, e);
  spec->network.mode = (enum spec_network_mode) mode;
  if (r == 0 && mode == NETWORK_JOIN)
    r = parse_int (json, "joinPid", 1, INT_MAX, &spec->network.join_pid, e);
  if (r == 0)
    r = parse_list (json, "endpoints", sizeof (struct spec_endpoint), parse_endpoint, &spec->network.endpoints, &spec->network.n_endpoints, e);
  return r < 0 ? r
               : parse_list (json, "sysctls", sizeof (struct spec_sysctl), parse_sysctl, &spec->network.sysctls, &spec->network.n_sysctls, e);
}

static int
parse_dns (const struct json *json, struct spec *spec, struct err *e)
{
  if (json == NULL || json->type == JSON_NULL)
    return 0;
  spec->dns.enabled = true;
  int r = json_strings_or_empty (json, "tables", &spec->dns.tables, &spec->dns.n_tables, e);
  if (r == 0)
    r = json_strings_or_empty (json, "upstreams", &spec->dns.upstreams, &spec->dns.n_upstreams, e);
  if (r == 0)
    r = json_strings_or_empty (json, "links", &spec->dns.links, &spec->dns.n_links, e);
  return r < 0 ? r : json_bool (json, "ipv6", &spec->dns.ipv6, e);
}

static int
parse_owner (const struct json *json, struct spec *spec, struct err *e)
{
  int64_t start_time = 0;
  if (json == NULL)
    return 0;
  int r = json_integer (json, "startTime", 0, max_ms, &start_time, e);
  spec->owner.start_time = (uint64_t) start_time;
  return r < 0 ? r : parse_int (json, "pid", 1, INT_MAX, &spec->owner.pid, e);
}

static int
parse_events (const struct json *json, struct spec *spec, struct err *e)
{
  if (json == NULL)
    return 0;
  int r = parse_path (json, "path", &spec->events.path, e);
  return r < 0 ? r : json_integer (json, "maxBytes", 4096, INT32_MAX, &spec->events.max_bytes, e);
}

static int
parse_udp_port (const struct json *json, void *element, struct err *e)
{
  struct spec_udp_port *port = element;
  return parse_port_number (json, "hostPort", &port->host_port, e);
}

static int
parse_firewall (const struct json *json, struct spec_firewall *firewall, struct err *e)
{
  if (json == NULL || json->type == JSON_NULL)
    return 0;
  int r = json_string (json, "table", &firewall->table, e);
  if (r == 0)
    r = json_string (json, "chain", &firewall->chain, e);
  if (r == 0 && (strlen (firewall->table) > MAX_CHAIN || strlen (firewall->chain) > MAX_CHAIN))
    r = err_set (e, EINVAL, "\"table\" and \"chain\" have at most %d characters", MAX_CHAIN);
  if (r == 0)
    r = json_strings_or_empty (json, "addresses", &firewall->addresses, &firewall->n_addresses, e);
  return r < 0 ? r : parse_list (json, "udpPorts", sizeof (struct spec_udp_port), parse_udp_port, &firewall->udp_ports, &firewall->n_udp_ports, e);
}

static int
parse_process (const struct json *json, struct spec *spec, struct err *e)
{
  int64_t rows = 0;
  int64_t columns = 0;
  int r = json_bool (json, "tty", &spec->process.tty, e);
  if (r == 0)
    r = json_bool (json, "stdinOpen", &spec->process.stdin_open, e);
  if (r == 0)
    r = json_bool_or (json, "awaitAttach", false, &spec->process.await_attach, e);
  if (r == 0)
    r = json_integer_or (json, "rows", 0, UINT16_MAX, 0, &rows, e);
  if (r == 0)
    r = json_integer_or (json, "columns", 0, UINT16_MAX, 0, &columns, e);
  spec->process.rows = (uint16_t) rows;
  spec->process.columns = (uint16_t) columns;
  return r;
}

static int
parse_log_field (const struct json *json, void *element, struct err *e)
{
  struct spec_log_field *field = element;
  int r = json_string (json, "name", &field->name, e);
  return r < 0 ? r : json_string (json, "value", &field->value, e);
}

/* Names of the journal's fields; other servers take any. */
static int
check_journal_fields (const struct spec_log *log, struct err *e)
{
  for (size_t i = 0; i < log->n_fields; i++)
    {
      const char *name = log->fields[i].name;
      if (name[0] == '\0' || name[strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] != '\0')
        return err_set (e, EINVAL, "\"name\" must be of capital letters, digits and underscores");
    }
  return 0;
}

/* `none` has no file; `json-file` must. */
static int
parse_log_file (const struct json *json, struct spec_log *log, struct err *e)
{
  const struct json *file = json_get (json, "file");
  if (file == NULL)
    return log->driver == LOG_JSON_FILE ? err_set (e, EINVAL, "\"file\" is missing") : 0;
  int r = parse_path (file, "path", &log->path, e);
  if (r == 0)
    r = json_integer (file, "maxSizeBytes", -1, max_ms, &log->max_size, e);
  if (r == 0)
    r = parse_int (file, "maxFiles", 1, 1000, &log->max_files, e);
  if (r == 0)
    r = json_string_or (file, "attributes", NULL, &log->attributes, e);
  if (r == 0 && log->attributes != NULL && strlen (log->attributes) > SPEC_LOG_ATTRIBUTES_MAX)
    r = err_set (e, EINVAL, "\"attributes\" is too long");
  return r < 0 ? r : json_string_or (file, "compressor", NULL, &log->compressor, e);
}

static int
parse_delivery (const struct json *json, struct spec_log_delivery *delivery, struct err *e)
{
  int64_t retries = 0;
  int r = json_integer (json, "bufferBytes", 1, INT64_C (1) << 40, &delivery->buffer_bytes, e);
  if (r == 0)
    r = json_integer_or (json, "bufferMessages", 0, INT64_MAX, 0, &delivery->buffer_messages, e);
  if (r == 0)
    r = json_integer (json, "retryMs", 1, max_ms, &delivery->retry_ms, e);
  if (r == 0)
    r = json_integer (json, "maxRetryMs", 1, max_ms, &delivery->max_retry_ms, e);
  if (r == 0)
    r = json_integer_or (json, "maxRetries", -1, INT32_MAX, -1, &retries, e);
  delivery->max_retries = (int) retries;
  return r;
}

static int
parse_tls (const struct json *json, struct spec_log_tls *tls, struct err *e)
{
  int r = parse_path (json, "relay", &tls->relay, e);
  if (r == 0)
    r = json_string (json, "serverName", &tls->server_name, e);
  if (r == 0)
    r = json_string_or (json, "caFile", NULL, &tls->ca_file, e);
  if (r == 0)
    r = json_string_or (json, "certFile", NULL, &tls->cert_file, e);
  if (r == 0)
    r = json_string_or (json, "keyFile", NULL, &tls->key_file, e);
  return r < 0 ? r : json_bool (json, "verify", &tls->verify, e);
}

static int
parse_log_server (const struct json *json, struct spec_log *log, struct err *e)
{
  const struct json *server = json_get (json, "server");
  const struct json *delivery = json_get (server, "delivery");
  const struct json *tls = json_get (server, "tls");
  int r = json_string (server, "address", &log->address, e);
  if (r == 0)
    r = delivery == NULL ? err_set (e, EINVAL, "\"delivery\" is missing") : parse_delivery (delivery, &log->delivery, e);
  return r < 0 || tls == NULL ? r : parse_tls (tls, &log->tls, e);
}

static int
parse_journal (const struct json *json, struct spec_log *log, struct err *e)
{
  int r = json_string (json, "address", &log->address, e);
  if (r == 0)
    r = parse_list (json, "fields", sizeof *log->fields, parse_log_field, &log->fields, &log->n_fields, e);
  return r < 0 ? r : check_journal_fields (log, e);
}

static int
parse_syslog (const struct json *json, struct spec_log *log, struct err *e)
{
  static const char *const formats[] = { "rfc3164", "rfc5424", "rfc5424micro", "unix", NULL };
  int format = 0;
  int r = parse_log_server (json, log, e);
  if (r == 0)
    r = json_string (json, "tag", &log->tag, e);
  if (r == 0)
    r = parse_int (json, "facility", 0, 23, &log->facility, e);
  if (r == 0)
    r = parse_word (json, "format", formats, &format, e);
  log->format = (enum spec_syslog_format) format;
  return r;
}

static int
parse_gelf (const struct json *json, struct spec_log *log, struct err *e)
{
  int r = parse_log_server (json, log, e);
  if (r == 0)
    r = json_string (json, "extra", &log->extra, e);
  return r < 0 || log->extra[0] == '{' ? r : err_set (e, EINVAL, "\"extra\" must be an object");
}

static int
parse_fluentd (const struct json *json, struct spec_log *log, struct err *e)
{
  int r = parse_log_server (json, log, e);
  if (r == 0)
    r = json_string (json, "tag", &log->tag, e);
  if (r == 0)
    r = json_bool (json, "subSecond", &log->sub_second, e);
  return r < 0 ? r : parse_list (json, "fields", sizeof *log->fields, parse_log_field, &log->fields, &log->n_fields, e);
}

static int
parse_log (const struct json *json, struct spec_log *log, struct err *e)
{
  static const char *const drivers[] = { "none", "json-file", "syslog", "journald", "gelf", "fluentd", NULL };
  int driver = 0;
  int r = parse_word (json, "driver", drivers, &driver, e);
  log->driver = (enum spec_log_driver) driver;
  if (r < 0 || driver == LOG_NONE)
    return r;
  r = parse_log_file (json, log, e);
  if (r < 0)
    return r;
  switch (log->driver)
    {
    case LOG_SYSLOG: return parse_syslog (json, log, e);
    case LOG_JOURNALD: return parse_journal (json, log, e);
    case LOG_GELF: return parse_gelf (json, log, e);
    case LOG_FLUENTD: return parse_fluentd (json, log, e);
    case LOG_NONE:
    case LOG_JSON_FILE:
    default: return 0;
    }
}

static int
parse_restart (const struct json *json, struct spec_restart *restart, struct err *e)
{
  static const char *const policies[] = { "no", "always", "unless-stopped", "on-failure", NULL };
  int policy = 0;
  int r = parse_word (json, "policy", policies, &policy, e);
  restart->policy = (enum spec_restart_policy) policy;
  if (r == 0)
    r = parse_int (json, "maxRetries", 0, INT_MAX, &restart->max_retries, e);
  if (r == 0)
    r = json_integer (json, "delayMs", 0, max_ms, &restart->delay_ms, e);
  if (r == 0)
    r = json_integer (json, "maxDelayMs", 0, max_ms, &restart->max_delay_ms, e);
  return r < 0 ? r : json_integer_or (json, "windowMs", 0, max_ms, -1, &restart->window_ms, e);
}

static int
parse_health (const struct json *json, struct spec_health *health, struct err *e)
{
  if (json == NULL || json->type == JSON_NULL)
    return 0;
  int r = json_strings_or_empty (json, "argv", &health->argv, &health->n_argv, e);
  if (r == 0 && health->n_argv == 0)
    r = err_set (e, EINVAL, "\"argv\" must not be empty");
  if (r == 0)
    r = json_integer (json, "intervalMs", 1, max_ms, &health->interval_ms, e);
  if (r == 0)
    r = json_integer (json, "timeoutMs", 1, max_ms, &health->timeout_ms, e);
  if (r == 0)
    r = json_integer (json, "startPeriodMs", 0, max_ms, &health->start_period_ms, e);
  if (r == 0)
    r = json_integer (json, "startIntervalMs", 1, max_ms, &health->start_interval_ms, e);
  return r < 0 ? r : parse_int (json, "retries", 1, INT_MAX, &health->retries, e);
}

static int
parse_identity (const struct json *root, struct spec *spec, struct err *e)
{
  int64_t version = 0;
  int r = json_integer (root, "version", 1, 1, &version, e);
  if (r == 0)
    r = json_string (root, "id", &spec->id, e);
  if (r == 0 && (spec->id[0] == '\0' || strchr (spec->id, '/') != NULL || spec->id[0] == '.'))
    r = err_set (e, EINVAL, "\"id\" must be a plain name");
  if (r == 0)
    r = json_string (root, "name", &spec->name, e);
  if (r == 0)
    r = parse_path (root, "stateDir", &spec->state_dir, e);
  return r < 0 ? r : parse_path (root, "runDir", &spec->run_dir, e);
}

static int
parse_stop (const struct json *json, struct spec *spec, struct err *e)
{
  int r = parse_int (json, "signal", 1, 64, &spec->stop.signal, e);
  return r < 0 ? r : json_integer (json, "timeoutMs", -1, max_ms, &spec->stop.timeout_ms, e);
}

static int
parse_lists (const struct json *root, struct spec *spec, struct err *e)
{
  int r = parse_list (root, "prepare", sizeof (struct spec_prepare), parse_prepare, &spec->prepare, &spec->n_prepare, e);
  if (r == 0)
    r = parse_list (root, "cgroups", sizeof (struct spec_cgroup), parse_cgroup, &spec->cgroups, &spec->n_cgroups, e);
  if (r == 0)
    r = parse_list (root, "names", sizeof (struct spec_names), parse_names, &spec->names, &spec->n_names, e);
  return r < 0 ? r : parse_list (root, "ports", sizeof (struct spec_port), parse_port, &spec->ports, &spec->n_ports, e);
}

static int
parse_sections (const struct json *root, struct spec *spec, struct err *e)
{
  const char *section = "rootfs";
  int r = parse_rootfs (json_get (root, section), spec, e);
  if (r == 0)
    r = parse_runtime (json_get (root, section = "runtime"), spec, e);
  if (r == 0)
    r = parse_network (json_get (root, section = "network"), spec, e);
  if (r == 0)
    r = parse_dns (json_get (root, section = "dns"), spec, e);
  if (r == 0)
    r = parse_firewall (json_get (root, section = "firewall"), &spec->firewall, e);
  if (r == 0)
    r = parse_process (json_get (root, section = "process"), spec, e);
  if (r == 0)
    r = parse_owner (json_get (root, section = "owner"), spec, e);
  if (r == 0)
    r = parse_events (json_get (root, section = "events"), spec, e);
  if (r == 0)
    r = parse_log (json_get (root, section = "log"), &spec->log, e);
  if (r == 0)
    r = parse_restart (json_get (root, section = "restart"), &spec->restart, e);
  if (r == 0)
    r = parse_stop (json_get (root, section = "stop"), spec, e);
  if (r == 0)
    r = parse_health (json_get (root, section = "health"), &spec->health, e);
  return r < 0 ? err_wrap (e, "%s", section) : 0;
}

int
spec_parse (char *text, size_t length, struct spec **ret, struct err *e)
{
  struct spec *spec cleanup_spec = calloc (1, sizeof *spec);
  if (spec == NULL)
    {
      free (text);
      return err_set (e, ENOMEM, "out of memory");
    }
  spec->text = text;
  int r = json_parse (text, length, &spec->document, e);
  if (r < 0)
    return r;
  const struct json *root = json_root (spec->document);
  r = parse_identity (root, spec, e);
  if (r == 0)
    r = parse_lists (root, spec, e);
  if (r == 0)
    r = parse_sections (root, spec, e);
  if (r == 0)
    *ret = steal_pointer (spec);
  return r;
}

void
spec_free (struct spec *spec)
{
  if (spec == NULL)
    return;
  for (size_t i = 0; i < spec->n_cgroups; i++)
    free (spec->cgroups[i].writes);
  for (size_t i = 0; i < spec->n_names; i++)
    {
      free (spec->names[i].addresses);
      free (spec->names[i].names);
    }
  free (spec->rootfs.lower);
  free (spec->prepare);
  free (spec->runtime.arguments);
  free (spec->cgroups);
  for (size_t i = 0; i < spec->network.n_endpoints; i++)
    free (spec->network.endpoints[i].extra_addresses);
  free (spec->network.endpoints);
  free (spec->network.sysctls);
  free (spec->dns.tables);
  free (spec->dns.upstreams);
  free (spec->dns.links);
  free (spec->names);
  free (spec->ports);
  free (spec->firewall.addresses);
  free (spec->firewall.udp_ports);
  free (spec->health.argv);
  free (spec->log.fields);
  json_free (spec->document);
  free (spec->text);
  free (spec);
}

void
spec_free_pointer (struct spec **spec)
{
  spec_free (*spec);
}
