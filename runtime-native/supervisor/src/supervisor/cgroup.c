#include "supervisor/cgroup.h"

#include "common/cleanup.h"
#include "common/io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

enum
{
  MAX_FILE = 1 << 20,
  MAX_PATH = 512
};

static bool
is_unified (const struct spec_cgroup *cgroup)
{
  return strcmp (cgroup->controller, "unified") == 0;
}

static bool
has_controller (const struct spec_cgroup *cgroup, const char *name)
{
  size_t length = strlen (name);
  for (const char *p = cgroup->controller; p != NULL; p = strchr (p, ','))
    {
      p += *p == ',';
      if (strncmp (p, name, length) == 0 && (p[length] == '\0' || p[length] == ','))
        return true;
    }
  return false;
}

static const struct spec_cgroup *
find (const struct spec *spec, const char *controller)
{
  for (size_t i = 0; i < spec->n_cgroups; i++)
    if (has_controller (&spec->cgroups[i], controller))
      return &spec->cgroups[i];
  return NULL;
}

/* Reads a small file of the cgroup; NULL when it cannot be read. The caller frees. */
static char *
read_file (const char *directory, const char *file)
{
  char path[MAX_PATH];
  char *text = NULL;
  struct err ignored;
  int n = snprintf (path, sizeof path, "%s/%s", directory, file);
  if (n < 0 || (size_t) n >= sizeof path || io_read_file_at (AT_FDCWD, path, MAX_FILE, &text, NULL, &ignored) < 0)
    return NULL;
  return text;
}

static int
write_file (const char *directory, const char *file, const char *value, struct err *e)
{
  char path[MAX_PATH];
  int n = snprintf (path, sizeof path, "%s/%s", directory, file);
  if (n < 0 || (size_t) n >= sizeof path)
    return err_set (e, ENAMETOOLONG, "%s", directory);
  return io_write_file_at (AT_FDCWD, path, value, e);
}

/* A new cpuset directory is empty and takes no process; it gets what its parent has. */
static void
inherit_cpuset (const char *parent, const char *directory)
{
  static const char *const files[] = { "cpuset.cpus", "cpuset.mems" };
  for (size_t i = 0; i < sizeof files / sizeof *files; i++)
    {
      char *value cleanup_free = read_file (parent, files[i]);
      struct err ignored; /* joining reports it */
      if (value != NULL)
        (void) write_file (directory, files[i], value, &ignored);
    }
}

/* v2: children have only the controllers that each directory above hands down. */
static void
hand_down_controllers (const char *parent)
{
  char *available cleanup_free = read_file (parent, "cgroup.controllers");
  char *enabled cleanup_free = read_file (parent, "cgroup.subtree_control");
  if (available == NULL || enabled == NULL)
    return;
  char *rest = NULL;
  for (char *name = strtok_r (available, " \n", &rest); name != NULL; name = strtok_r (NULL, " \n", &rest))
    {
      char value[64];
      struct err ignored; /* a limit that needs it fails with a better message when it is written */
      if (strstr (enabled, name) == NULL && snprintf (value, sizeof value, "+%s", name) < (int) sizeof value)
        (void) write_file (parent, "cgroup.subtree_control", value, &ignored);
    }
}

static int
make_directory (const struct spec_cgroup *cgroup, const char *path, struct err *e)
{
  char parent[MAX_PATH];
  size_t length = strlen (path);
  if (length >= sizeof parent)
    return err_set (e, ENAMETOOLONG, "%s", path);
  memcpy (parent, path, length + 1);
  char *slash = strrchr (parent, '/');
  if (slash == NULL || slash == parent)
    return err_set (e, EINVAL, "bad cgroup path \"%s\"", path);
  *slash = '\0';
  int r = 0;
  if (mkdir (path, 0755) < 0)
    {
      if (errno == EEXIST)
        return 0;
      r = errno == ENOENT ? make_directory (cgroup, parent, e) : err_errno (e, "mkdir %s", path);
      if (r == 0 && mkdir (path, 0755) < 0 && errno != EEXIST)
        r = err_errno (e, "mkdir %s", path);
    }
  if (r == 0 && has_controller (cgroup, "cpuset"))
    inherit_cpuset (parent, path);
  if (r == 0 && is_unified (cgroup))
    hand_down_controllers (parent);
  return r;
}

int
cgroup_create (const struct spec *spec, struct err *e)
{
  for (size_t i = 0; i < spec->n_cgroups; i++)
    {
      const struct spec_cgroup *cgroup = &spec->cgroups[i];
      int r = make_directory (cgroup, cgroup->path, e);
      for (size_t k = 0; r == 0 && k < cgroup->n_writes; k++)
        {
          r = write_file (cgroup->path, cgroup->writes[k].file, cgroup->writes[k].value, e);
          if (cgroup->writes[k].ignore_errors)
            r = 0;
        }
      if (r < 0)
        return err_wrap (e, "cgroup %s", cgroup->controller);
    }
  return 0;
}

pid_t
cgroup_fork (const struct spec *spec)
{
  const struct spec_cgroup *unified = spec->runtime.join_cgroups ? find (spec, "unified") : NULL;
  int fd cleanup_fd = unified == NULL ? -1 : open (unified->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return fork (); /* cgroup_join tells what is wrong with the directory */
  struct clone_args arguments = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t) fd };
  return (pid_t) syscall (SYS_clone3, &arguments, sizeof arguments);
}

int
cgroup_join (const struct spec *spec, struct err *e)
{
  for (size_t i = 0; spec->runtime.join_cgroups && i < spec->n_cgroups; i++)
    {
      const struct spec_cgroup *cgroup = &spec->cgroups[i];
      /* `tasks` of a single-threaded process: no RCU grace period as with cgroup.procs (5 ms). */
      int r = is_unified (cgroup) ? 0 : write_file (cgroup->path, "tasks", "0", e);
      if (r == 0 && is_unified (cgroup) && access (cgroup->path, F_OK) < 0)
        r = err_errno (e, "%s", cgroup->path);
      if (r < 0)
        return err_wrap (e, "join cgroup %s", cgroup->controller);
    }
  return 0;
}

/* Never touch the root of a hierarchy, whatever a damaged specification says. */
static bool
is_below_root (const struct spec_cgroup *cgroup)
{
  char path[MAX_PATH];
  const char *marker = is_unified (cgroup) ? "cgroup.events" : "release_agent";
  int n = snprintf (path, sizeof path, "%s/%s", cgroup->path, marker);
  if (n < 0 || (size_t) n >= sizeof path)
    return false;
  bool exists = access (path, F_OK) == 0;
  return is_unified (cgroup) ? exists : !exists;
}

static int
kill_listed (const char *directory)
{
  char *text cleanup_free = read_file (directory, "cgroup.procs");
  int seen = 0;
  char *rest = NULL;
  for (char *word = text == NULL ? NULL : strtok_r (text, "\n", &rest); word != NULL; word = strtok_r (NULL, "\n", &rest))
    {
      uint64_t pid = 0;
      if (io_parse_unsigned (word, INT32_MAX, &pid) < 0 || pid <= 1 || (pid_t) pid == getpid ())
        continue;
      (void) kill ((pid_t) pid, SIGKILL); /* gone already is fine */
      seen++;
    }
  return seen;
}

/* Depth first over the directory and those that the container has made below it. */
static int
visit (const char *directory, int (*act) (const char *), int depth)
{
  int total = 0;
  DIR *stream cleanup_dir = depth > 32 ? NULL : opendir (directory);
  for (struct dirent *entry = stream == NULL ? NULL : readdir (stream); entry != NULL; entry = readdir (stream))
    {
      char path[MAX_PATH];
      if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
        continue;
      int n = snprintf (path, sizeof path, "%s/%s", directory, entry->d_name);
      if (n > 0 && (size_t) n < sizeof path)
        total += visit (path, act, depth + 1);
    }
  return total + act (directory);
}

int
cgroup_kill (const struct spec *spec)
{
  int seen = 0;
  struct err ignored; /* without a freezer nothing is frozen */
  (void) cgroup_set_frozen (spec, false, &ignored);
  for (size_t i = 0; i < spec->n_cgroups; i++)
    if (is_below_root (&spec->cgroups[i]))
      seen += visit (spec->cgroups[i].path, kill_listed, 0);
  return seen;
}

static int
remove_directory (const char *directory)
{
  return rmdir (directory) < 0 && errno != ENOENT ? 1 : 0;
}

bool
cgroup_remove (const struct spec *spec)
{
  int left = 0;
  for (size_t i = 0; i < spec->n_cgroups; i++)
    {
      /* The common case is a directory without children. */
      if (rmdir (spec->cgroups[i].path) == 0 || errno == ENOENT)
        continue;
      left += is_below_root (&spec->cgroups[i]) ? visit (spec->cgroups[i].path, remove_directory, 0) : 0;
    }
  return left == 0;
}

int64_t
cgroup_oom_kills (const struct spec *spec)
{
  const struct spec_cgroup *v1 = find (spec, "memory");
  const struct spec_cgroup *v2 = find (spec, "unified");
  const struct spec_cgroup *cgroup = v1 != NULL ? v1 : v2;
  if (cgroup == NULL)
    return -1;
  char *text cleanup_free = read_file (cgroup->path, v1 != NULL ? "memory.oom_control" : "memory.events");
  char *rest = NULL;
  for (char *line = text == NULL ? NULL : strtok_r (text, "\n", &rest); line != NULL; line = strtok_r (NULL, "\n", &rest))
    {
      uint64_t count = 0;
      if (strncmp (line, "oom_kill ", 9) == 0 && io_parse_unsigned (line + 9, INT64_MAX, &count) == 0)
        return (int64_t) count;
    }
  return -1;
}

int
cgroup_set_frozen (const struct spec *spec, bool frozen, struct err *e)
{
  const struct spec_cgroup *cgroup = find (spec, "freezer");
  if (cgroup != NULL)
    return write_file (cgroup->path, "freezer.state", frozen ? "FROZEN" : "THAWED", e);
  cgroup = find (spec, "unified");
  if (cgroup != NULL)
    return write_file (cgroup->path, "cgroup.freeze", frozen ? "1" : "0", e);
  return err_set (e, ENOTSUP, "this container has no freezer cgroup");
}

bool
cgroup_is_frozen (const struct spec *spec)
{
  const struct spec_cgroup *v1 = find (spec, "freezer");
  const struct spec_cgroup *cgroup = v1 != NULL ? v1 : find (spec, "unified");
  char *text cleanup_free = cgroup == NULL ? NULL : read_file (cgroup->path, v1 != NULL ? "freezer.state" : "cgroup.events");
  return text != NULL && strstr (text, v1 != NULL ? "FROZEN" : "frozen 1") != NULL;
}
