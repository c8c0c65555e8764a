#include "supervisor/job.h"

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/io.h"
#include "common/json.h"
#include "supervisor/cgroup.h"
#include "supervisor/console.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
  MAX_ARGUMENTS = 48,
  MAX_LOG = 64 << 10,
  ADOPTION_MS = 5000,
  EARLY_EXITS = 64,
  MAX_PATH = 512
};

static struct job_context context;
static struct job *jobs;
static unsigned last_number;

/* Children that ended before their job knew their pid. Only kept while some runtime is at work. */
static struct
{
  pid_t pid;
  int status;
} early[EARLY_EXITS];
static size_t n_early;

void
job_setup (const struct job_context *given)
{
  context = *given;
}

/* `<runDir>/job-<number>.<suffix>`, or only the name. */
static void
file_name (char name[static 32], const struct job *job, const char *suffix)
{
  (void) snprintf (name, 32, "job-%u.%s", job->number, suffix); /* fits */
}

static int
file_path (char path[static MAX_PATH], const struct job *job, const char *suffix, struct err *e)
{
  char name[32];
  file_name (name, job, suffix);
  int n = snprintf (path, MAX_PATH, "%s/%s", context.spec->run_dir, name);
  return n < 0 || n >= MAX_PATH ? err_set (e, ENAMETOOLONG, "%s", context.spec->run_dir) : 0;
}

static void
remove_file (const struct job *job, const char *suffix)
{
  char name[32];
  file_name (name, job, suffix);
  (void) unlinkat (context.run_dir_fd, name, 0); /* often it is not there */
}

static void
forget (struct job *job)
{
  for (struct job **at = &jobs; *at != NULL; at = &(*at)->next)
    if (*at == job)
      {
        *at = job->next;
        break;
      }
  loop_disarm (&job->adoption);
  if (job->console_listener >= 0)
    (void) close (job->console_listener); /* only a socket name */
  job->console_listener = -1;
  job->is_active = false;
  job->pid = 0;
  job->runtime_pid = 0;
}

static int
exit_code (int status)
{
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

static void
finish (struct job *job, int status)
{
  forget (job);
  job->exited (job, exit_code (status));
}

struct command
{
  const char *argv[MAX_ARGUMENTS];
  size_t count;
  char log[MAX_PATH];
  char pid[MAX_PATH];
  char console[MAX_PATH];
  char process[MAX_PATH];
};

static void
add (struct command *command, const char *argument)
{
  if (command->count < MAX_ARGUMENTS - 1)
    command->argv[command->count++] = argument;
}

static int
build_command (const struct job *job, struct command *command, struct err *e)
{
  const struct spec *spec = context.spec;
  int r = file_path (command->log, job, "log", e);
  if (r == 0)
    r = file_path (command->pid, job, "pid", e);
  if (r == 0)
    r = file_path (command->console, job, "sock", e);
  if (r < 0)
    return r;
  add (command, spec->runtime.path);
  for (size_t i = 0; i < spec->runtime.n_arguments; i++)
    add (command, spec->runtime.arguments[i]);
  add (command, "--root");
  add (command, spec->runtime.root);
  add (command, "--log");
  add (command, command->log);
  add (command, "--log-format");
  add (command, "json");
  add (command, job->is_exec ? "exec" : "run");
  add (command, "--detach");
  add (command, "--pid-file");
  add (command, command->pid);
  if (job->tty)
    {
      add (command, "--console-socket");
      add (command, command->console);
    }
  if (job->is_exec)
    (void) snprintf (command->process, sizeof command->process, "%s/%s", spec->run_dir, job->process_file); /* as the others */
  add (command, job->is_exec ? "--process" : "--bundle");
  add (command, job->is_exec ? command->process : spec->run_dir);
  add (command, spec->id);
  return 0;
}

/* In the child: everything the runtime must find, then exec. What fails is left in the log as the runtime would. */
_Noreturn static void
become_runtime (const struct job *job, const struct command *command)
{
  static const char *const environment[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL };
  struct err e;
  int r = cgroup_join (context.spec, &e);
  if (r == 0 && context.netns_fd >= 0 && setns (context.netns_fd, CLONE_NEWNET) < 0)
    r = err_errno (&e, "enter the network namespace");
  for (int fd = 0; r == 0 && fd < 3 && !job->tty; fd++)
    if (dup2 (job->stdio[fd], fd) < 0)
      r = err_errno (&e, "dup2");
  if (r == 0)
    {
      loop_reset_signals ();
      (void) umask (022);
      execve (command->argv[0], (char *const *) (uintptr_t) command->argv, (char *const *) (uintptr_t) environment);
      r = err_errno (&e, "run %s", command->argv[0]);
    }
  struct buffer text cleanup_buffer = { 0 };
  struct err ignored;
  buffer_add_string (&text, "{\"msg\":");
  buffer_add_json (&text, e.msg);
  buffer_add_string (&text, "}\n");
  int fd = open (command->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd >= 0 && !text.failed)
    (void) io_write_all (fd, text.data, text.length, &ignored); /* the exit status is left */
  _exit (1);
}

int
job_start (struct job *job, struct err *e)
{
  struct command command = { .count = 0 };
  job->number = job->is_exec ? ++last_number : 0;
  job->console_listener = -1;
  job->pid = 0;
  job->is_adopted = false;
  int r = build_command (job, &command, e);
  if (r == 0 && job->tty)
    r = console_listen (command.console, &job->console_listener, e);
  if (r < 0)
    return r;
  remove_file (job, "log");
  remove_file (job, "pid");
  pid_t pid = cgroup_fork (context.spec);
  if (pid == 0)
    become_runtime (job, &command);
  if (pid < 0)
    {
      r = err_errno (e, "fork");
      forget (job);
      return r;
    }
  job->runtime_pid = pid;
  job->is_active = true;
  job->next = jobs;
  jobs = job;
  return 0;
}

void
job_kill (struct job *job, int signal)
{
  pid_t pid = job->pid > 0 ? job->pid : job->runtime_pid;
  if (job->is_active && pid > 0)
    (void) kill (pid, signal); /* a zombie at worst: we have not reaped it */
}

/* The `msg` of the last line of the runtime's JSON log, or the line itself. */
static void
read_failure (const struct job *job, int status, char *message, size_t size)
{
  char name[32];
  char *text cleanup_free = NULL;
  struct json_document *document cleanup_json = NULL;
  struct err ignored;
  const char *words = NULL;
  file_name (name, job, "log");
  if (io_read_file_at (context.run_dir_fd, name, MAX_LOG, &text, NULL, &ignored) == 0)
    {
      size_t length = strlen (text);
      while (length > 0 && text[length - 1] == '\n')
        text[--length] = '\0';
      char *last = strrchr (text, '\n');
      last = last == NULL ? text : last + 1;
      words = last;
      if (json_parse (last, strlen (last), &document, &ignored) == 0)
        (void) json_string_or (json_root (document), "msg", last, &words, &ignored); /* the line itself then */
    }
  if (words == NULL || *words == '\0')
    (void) snprintf (message, size, "%s failed with status %d and said nothing", context.spec->runtime.path, exit_code (status));
  else
    (void) snprintf (message, size, "%s", words); /* cut at the size */
}

static int
read_pid (const struct job *job, pid_t *ret)
{
  char name[32];
  char *text cleanup_free = NULL;
  struct err ignored;
  uint64_t pid = 0;
  file_name (name, job, "pid");
  if (io_read_file_at (context.run_dir_fd, name, 64, &text, NULL, &ignored) < 0)
    return -1;
  text[strcspn (text, "\n")] = '\0';
  if (io_parse_unsigned (text, INT32_MAX, &pid) < 0 || pid < 2)
    return -1;
  *ret = (pid_t) pid;
  return 0;
}

static bool
is_our_child (pid_t pid)
{
  siginfo_t info = { 0 };
  return waitid (P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/* A process that never becomes ours could end unnoticed: better no container than an unsupervised one. */
static void
give_up_adoption (struct timer *timer)
{
  struct job *job = timer->owner;
  (void) kill (job->pid, SIGKILL); /* whoever its parent is reaps it */
  finish (job, SIGKILL);
}

static void
adopt (struct job *job)
{
  for (size_t i = 0; i < n_early; i++)
    if (early[i].pid == job->pid)
      {
        finish (job, early[i].status);
        return;
      }
  job->is_adopted = is_our_child (job->pid);
  if (job->is_adopted)
    return;
  /* crun's intermediate process may exit a little later than crun; its SIGCHLD brings us back. */
  job->adoption = (struct timer){ .expire = give_up_adoption, .owner = job };
  loop_arm (&job->adoption, ADOPTION_MS);
}

static void
runtime_exited (struct job *job, int status)
{
  char message[1024];
  pid_t pid = 0;
  int console cleanup_fd = -1;
  job->runtime_pid = 0;
  bool has_pid = status == 0 && read_pid (job, &pid) == 0;
  if (has_pid && job->tty)
    console = console_receive (job->console_listener);
  if (!has_pid || (job->tty && console < 0))
    read_failure (job, status, message, sizeof message);
  remove_file (job, "log");
  remove_file (job, "pid");
  remove_file (job, "sock");
  if (!has_pid || (job->tty && console < 0))
    {
      if (has_pid)
        (void) kill (pid, SIGKILL); /* without its terminal it is of no use */
      forget (job);
      job->failed (job, job_classify (message), message);
      return;
    }
  job->pid = pid;
  job->started (job, steal_fd (&console));
  adopt (job);
}

bool
job_child (pid_t pid, int wait_status)
{
  bool is_runtime_at_work = false;
  for (struct job *job = jobs; job != NULL; job = job->next)
    {
      if (job->runtime_pid == pid)
        {
          runtime_exited (job, wait_status);
          return true;
        }
      if (job->pid == pid)
        {
          finish (job, wait_status);
          return true;
        }
      is_runtime_at_work = is_runtime_at_work || job->runtime_pid > 0;
    }
  if (!is_runtime_at_work)
    return false;
  if (n_early == EARLY_EXITS)
    memmove (early, early + 1, sizeof early[0] * --n_early);
  early[n_early].pid = pid;
  early[n_early++].status = wait_status;
  return false;
}

void
job_children_reaped (void)
{
  bool is_runtime_at_work = false;
  for (struct job *job = jobs; job != NULL; job = job->next)
    {
      is_runtime_at_work = is_runtime_at_work || job->runtime_pid > 0;
      if (job->pid > 0 && !job->is_adopted && is_our_child (job->pid))
        {
          job->is_adopted = true;
          loop_disarm (&job->adoption);
        }
    }
  if (!is_runtime_at_work)
    n_early = 0;
}
