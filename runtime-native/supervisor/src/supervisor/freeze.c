#include "supervisor/freeze.h"

#include "supervisor/cgroup.h"
#include "supervisor/container.h"

enum
{
  FREEZE_POLL_MS = 5,
  FREEZE_POLLS = 400
};

static struct
{
  struct timer timer;
  int attempts;
  struct client *client;
} freeze;

void
freeze_end (void)
{
  struct err ignored; /* without a freezer nothing is frozen */
  loop_disarm (&freeze.timer);
  (void) cgroup_set_frozen (container.spec, false, &ignored);
}

/* The pause that was under way is overtaken by something else. */
bool
freeze_cancel (void)
{
  struct client *client = freeze.client;
  bool was_under_way = freeze.timer.armed;
  freeze.client = NULL;
  loop_disarm (&freeze.timer);
  if (client != NULL)
    client_reply_error (client, "not-running", "the container ended while it was being paused");
  return was_under_way;
}

static void
freeze_poll (struct timer *timer)
{
  struct client *client = freeze.client;
  if (cgroup_is_frozen (container.spec))
    {
      freeze.client = NULL;
      container.status.state = STATE_PAUSED;
      container_save_status ();
      if (client != NULL)
        client_reply_done (client, "done", 0);
      if (client != NULL)
        client_finish (client);
      return;
    }
  if (++freeze.attempts < FREEZE_POLLS)
    {
      loop_arm (timer, FREEZE_POLL_MS);
      return;
    }
  freeze.client = NULL;
  freeze_end ();
  if (client != NULL)
    client_reply_error (client, "system", "the container's processes did not freeze within 2 s");
}

void
freeze_begin (struct client *client)
{
  struct err e = { 0 };
  if (freeze.timer.armed)
    {
      client_reply_error (client, "busy", "the container is being paused already");
      return;
    }
  if (cgroup_set_frozen (container.spec, true, &e) < 0)
    {
      client_reply_error (client, "system", e.msg);
      return;
    }
  freeze.client = client;
  freeze.attempts = 0;
  freeze.timer.expire = freeze_poll;
  freeze_poll (&freeze.timer);
}

void
freeze_forget_client (const struct client *client)
{
  if (freeze.client == client)
    freeze.client = NULL;
}
