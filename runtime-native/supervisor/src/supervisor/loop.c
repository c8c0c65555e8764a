#include "supervisor/loop.h"

#include "common/clock.h"
#include "common/resident.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
  QUIET_MS = 500 /* without an event: then most of the code will not be needed soon */
};

static struct
{
  int epoll_fd;
  int signal_fd;
  struct timer *timers;
  bool stopped;
} loop = { .epoll_fd = -1, .signal_fd = -1 };

static void
loop_signals (sigset_t *set)
{
  (void) sigemptyset (set); /* these fail only for bad signal numbers */
  (void) sigaddset (set, SIGCHLD);
  (void) sigaddset (set, SIGTERM);
  (void) sigaddset (set, SIGINT);
  (void) sigaddset (set, SIGHUP);
}

int
loop_open (struct err *e)
{
  sigset_t set;
  loop_signals (&set);
  if (sigprocmask (SIG_BLOCK, &set, NULL) < 0 || signal (SIGPIPE, SIG_IGN) == SIG_ERR || signal (SIGCHLD, SIG_DFL) == SIG_ERR)
    return err_errno (e, "signal mask");
  loop.epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  if (loop.epoll_fd < 0)
    return err_errno (e, "epoll");
  loop.signal_fd = signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (loop.signal_fd < 0)
    return err_errno (e, "signalfd");
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = NULL };
  return epoll_ctl (loop.epoll_fd, EPOLL_CTL_ADD, loop.signal_fd, &event) < 0 ? err_errno (e, "epoll") : 0;
}

void
loop_reset_signals (void)
{
  sigset_t none;
  (void) sigemptyset (&none); /* cannot fail */
  (void) signal (SIGPIPE, SIG_DFL);
  (void) signal (SIGINT, SIG_DFL);
  (void) signal (SIGHUP, SIG_DFL);
  (void) sigprocmask (SIG_SETMASK, &none, NULL);
}

int
loop_add (struct watch *watch, struct err *e)
{
  struct epoll_event event = { .events = watch->events, .data.ptr = watch };
  if (epoll_ctl (loop.epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) < 0)
    return err_errno (e, "epoll");
  watch->active = true;
  return 0;
}

void
loop_change (struct watch *watch, uint32_t events)
{
  if (!watch->active || watch->events == events)
    return;
  watch->events = events;
  struct epoll_event event = { .events = events, .data.ptr = watch };
  (void) epoll_ctl (loop.epoll_fd, EPOLL_CTL_MOD, watch->fd, &event); /* fails only for fds that were never added */
}

void
loop_remove (struct watch *watch)
{
  if (!watch->active)
    return;
  watch->active = false;
  (void) epoll_ctl (loop.epoll_fd, EPOLL_CTL_DEL, watch->fd, NULL); /* as above */
}

void
loop_arm (struct timer *timer, int64_t delay_ms)
{
  loop_disarm (timer);
  timer->due_ms = clock_monotonic_ms () + (delay_ms < 0 ? 0 : delay_ms);
  timer->armed = true;
  timer->next = loop.timers;
  loop.timers = timer;
}

void
loop_disarm (struct timer *timer)
{
  if (!timer->armed)
    return;
  timer->armed = false;
  for (struct timer **at = &loop.timers; *at != NULL; at = &(*at)->next)
    if (*at == timer)
      {
        *at = timer->next;
        return;
      }
}

static struct timer *
earliest (void)
{
  struct timer *found = NULL;
  for (struct timer *timer = loop.timers; timer != NULL; timer = timer->next)
    if (found == NULL || timer->due_ms < found->due_ms)
      found = timer;
  return found;
}

static int
time_left (void)
{
  const struct timer *next = earliest ();
  if (next == NULL)
    return -1;
  int64_t left = next->due_ms - clock_monotonic_ms ();
  return left < 0 ? 0 : left > 3600000 ? 3600000 : (int) left;
}

static void
expire_timers (void)
{
  int64_t now = clock_monotonic_ms ();
  for (struct timer *timer = earliest (); timer != NULL && timer->due_ms <= now && !loop.stopped; timer = earliest ())
    {
      loop_disarm (timer);
      timer->expire (timer);
    }
}

static void
reap (const struct loop_handlers *handlers)
{
  int status = 0;
  for (pid_t pid = waitpid (-1, &status, WNOHANG); pid > 0; pid = waitpid (-1, &status, WNOHANG))
    handlers->child (pid, status, handlers->data);
  handlers->child (0, 0, handlers->data);
}

static void
take_signals (const struct loop_handlers *handlers)
{
  struct signalfd_siginfo info;
  while (read (loop.signal_fd, &info, sizeof info) == (ssize_t) sizeof info)
    if (info.ssi_signo == SIGCHLD)
      reap (handlers);
    else
      handlers->signal ((int) info.ssi_signo, handlers->data);
}

int
loop_run (const struct loop_handlers *handlers, struct err *e)
{
  bool is_quiet = false;
  while (!loop.stopped)
    {
      /* One event at a time: its handler may remove the watch of the next one. The kernel's list rotates, so it is fair. */
      struct epoll_event event;
      int left = time_left ();
      bool awaits_quiet = !is_quiet && (left < 0 || left > QUIET_MS);
      int n = epoll_wait (loop.epoll_fd, &event, 1, awaits_quiet ? QUIET_MS : left);
      if (n < 0 && errno != EINTR)
        return err_errno (e, "epoll");
      is_quiet = n == 0 && awaits_quiet;
      if (is_quiet)
        resident_drop_code ();
      if (n > 0 && event.data.ptr == NULL)
        take_signals (handlers);
      else if (n > 0)
        {
          struct watch *watch = event.data.ptr;
          watch->handle (watch, event.events);
        }
      expire_timers ();
      if (handlers->round != NULL)
        handlers->round ();
    }
  return 0;
}

void
loop_stop (void)
{
  loop.stopped = true;
}
