#include "supervisor/spec.h"
#include "tap.h"

#include <errno.h>
#include <stdlib.h>

static const char good[]
  = "{\"version\":1,\"id\":\"abc\",\"name\":\"web-1\",\"stateDir\":\"/s\",\"runDir\":\"/r\","
    "\"rootfs\":{\"lower\":[\"/l1\",\"/l2\"],\"upper\":\"/u\",\"work\":\"/w\"},"
    "\"prepare\":[{\"kind\":\"fill\",\"from\":\"/data\",\"to\":\"/v\"},"
    "{\"kind\":\"mount\",\"source\":\"tmpfs\",\"target\":\"/t\",\"fstype\":\"tmpfs\",\"options\":\"size=1m\"}],"
    "\"runtime\":{\"kind\":\"crun\",\"path\":\"/usr/bin/crun\",\"root\":\"/x\",\"arguments\":[\"--a\"],\"joinCgroups\":true,\"hideUnifiedCgroup\":false},"
    "\"cgroups\":[{\"controller\":\"memory\",\"path\":\"/c\",\"writes\":[{\"file\":\"memory.max\",\"value\":\"1\",\"ignoreErrors\":true}]}],"
    "\"network\":{\"mode\":\"private\",\"endpoints\":[{\"bridge\":\"br0\",\"interfaceName\":\"eth0\",\"mac\":\"02:42:00:00:00:01\","
    "\"ipv4\":\"10.0.0.2/24\",\"mtu\":1500,\"hairpin\":false}],\"sysctls\":[]},"
    "\"dns\":{\"tables\":[\"/n\"],\"upstreams\":[],\"ipv6\":false},"
    "\"names\":[{\"table\":\"/n\",\"addresses\":[\"10.0.0.2\"],\"names\":[\"web\"],\"canonical\":\"web-1\"}],"
    "\"ports\":[{\"hostIp\":\"127.0.0.1\",\"hostPort\":8080,\"protocol\":\"udp\",\"containerIp\":\"10.0.0.2\",\"containerPort\":80}],"
    "\"firewall\":{\"table\":\"t\",\"chain\":\"c\",\"addresses\":[\"10.0.0.2\"],\"udpPorts\":[{\"hostPort\":53}]},"
    "\"process\":{\"tty\":false,\"stdinOpen\":true},\"owner\":{\"pid\":7,\"startTime\":12345},"
    "\"log\":{\"driver\":\"json-file\",\"file\":{\"path\":\"/log\",\"maxSizeBytes\":1000,\"maxFiles\":3}},"
    "\"restart\":{\"policy\":\"on-failure\",\"maxRetries\":5,\"delayMs\":100,\"maxDelayMs\":60000},"
    "\"stop\":{\"signal\":15,\"timeoutMs\":10000},"
    "\"health\":{\"argv\":[\"true\"],\"intervalMs\":1,\"timeoutMs\":1,\"startPeriodMs\":0,\"startIntervalMs\":1,\"retries\":3}}";

static int
parse (const char *text, struct spec **ret, struct err *e)
{
  return spec_parse (strdup (text), strlen (text), ret, e);
}

/* The good document with one piece replaced must be refused with a message that has WORDS. */
static void
refuses (const char *piece, const char *replacement, const char *words)
{
  struct spec *spec cleanup_spec = NULL;
  struct err e = { 0 };
  char text[sizeof good + 256];
  const char *at = strstr (good, piece);
  if (!ok (at != NULL, "the document has %s", piece))
    return;
  (void) snprintf (text, sizeof text, "%.*s%s%s", (int) (at - good), good, replacement, at + strlen (piece));
  int r = parse (text, &spec, &e);
  ok (r == -EINVAL && spec == NULL && strstr (e.msg, words) != NULL, "%s instead of %s: %s", replacement, piece, e.msg);
}

int
main (void)
{
  struct spec *spec cleanup_spec = NULL;
  struct err e = { 0 };
  ok (parse (good, &spec, &e) == 0, "parses a whole specification: %s", e.msg);
  if (spec == NULL)
    return tap_end ();
  ok (spec->rootfs.n_lower == 2 && tap_same_string (spec->rootfs.lower[1], "/l2"), "lower directories");
  ok (spec->n_prepare == 2 && spec->prepare[0].kind == PREPARE_FILL && spec->prepare[1].kind == PREPARE_MOUNT, "prepare steps");
  ok (spec->cgroups[0].n_writes == 1 && spec->cgroups[0].writes[0].ignore_errors, "cgroup writes");
  ok (spec->network.endpoints[0].ipv6 == NULL && spec->network.endpoints[0].mtu == 1500, "endpoint");
  ok (spec->dns.enabled && !spec->dns.ipv6 && spec->names[0].n_names == 1, "resolver and names");
  ok (spec->ports[0].udp && spec->ports[0].host_port == 8080, "ports");
  ok (spec->firewall.n_addresses == 1 && spec->firewall.udp_ports[0].host_port == 53, "packet filter");
  ok (spec->owner.pid == 7 && spec->owner.start_time == 12345, "owner");
  ok (spec->log.driver == LOG_JSON_FILE && spec->log.max_files == 3, "log");
  ok (spec->restart.policy == RESTART_ON_FAILURE && spec->health.retries == 3, "restart and health");
  refuses ("\"version\":1", "\"version\":2", "version");
  refuses ("\"id\":\"abc\"", "\"id\":\"../abc\"", "id");
  refuses ("\"runDir\":\"/r\"", "\"runDir\":\"r\"", "runDir");
  refuses ("[\"/l1\",\"/l2\"]", "[]", "rootfs: \"lower\"");
  refuses ("\"kind\":\"fill\"", "\"kind\":\"copy\"", "prepare[0]");
  refuses ("\"file\":\"memory.max\"", "\"file\":\"../x\"", "cgroups[0]: writes[0]");
  refuses ("\"mode\":\"private\"", "\"mode\":\"join\"", "network: \"joinPid\" is missing");
  refuses ("\"hostPort\":8080", "\"hostPort\":80800", "ports[0]: \"hostPort\"");
  refuses ("\"chain\":\"c\"", "\"chain\":\"1234567890123456789012345678901234567890123456789\"", "firewall: \"table\" and \"chain\"");
  refuses ("\"pid\":7", "\"pid\":0", "owner: \"pid\"");
  refuses ("\"driver\":\"json-file\"", "\"driver\":\"syslog\"", "log: \"address\"");
  refuses ("\"policy\":\"on-failure\"", "\"policy\":\"sometimes\"", "sometimes");
  refuses ("\"signal\":15", "\"signal\":65", "stop: \"signal\"");
  refuses ("\"argv\":[\"true\"]", "\"argv\":[]", "health: \"argv\"");
  refuses ("\"argv\":[\"true\"]", "\"argv\":[1]", "health: \"argv\"");
  return tap_end ();
}
