#include "supervisor/control.h"

#include "common/json.h"
#include "supervisor/client.h"
#include "supervisor/container.h"
#include "supervisor/freeze.h"
#include "supervisor/output.h"
#include "supervisor/session.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

static int
parse_operation (const struct json *json, enum event *ret, struct err *e)
{
  static const struct
  {
    const char *name;
    enum event event;
  } operations[] = {
    { "stop", EVENT_STOP }, { "kill", EVENT_KILL }, { "pause", EVENT_PAUSE }, { "unpause", EVENT_UNPAUSE }, { "exec", EVENT_EXEC }, { "attach", EVENT_ATTACH },
  };
  const char *name = NULL;
  int r = json_string (json, "op", &name, e);
  for (size_t i = 0; r == 0 && i < sizeof operations / sizeof *operations; i++)
    if (strcmp (operations[i].name, name) == 0)
      {
        *ret = operations[i].event;
        return 0;
      }
  return r < 0 ? r : err_set (e, EINVAL, "unknown operation \"%.64s\"", name);
}

static int
parse_request (struct client *client, const struct json *json, struct request *request, enum event *event, struct err *e)
{
  int64_t version = 0;
  int64_t signal = 0;
  int r = json_integer_or (json, "id", INT64_MIN, INT64_MAX, 0, &client->request_id, e);
  if (r == 0)
    r = json_integer (json, "version", 1, 1, &version, e);
  if (r == 0)
    r = parse_operation (json, event, e);
  if (r == 0 && *event == EVENT_KILL)
    r = json_integer (json, "signal", 1, 64, &signal, e);
  request->signal = (int) signal;
  request->client = client;
  request->json = json;
  return r < 0 ? r : json_integer_or (json, "timeoutMs", -1, (int64_t) 1 << 52, INT64_MIN, &request->timeout_ms, e);
}

static void
take_request (struct client *client, const struct json *json)
{
  struct request request = { 0 };
  enum event event = EVENT_STOP;
  struct err e = { 0 };
  client->has_request = true;
  if (parse_request (client, json, &request, &event, &e) < 0)
    client_reply_error (client, "bad-request", e.msg);
  else
    container_dispatch (event, &request);
}

static void
take_message (struct client *client, const struct json *json)
{
  const struct json *resize = json_get (json, "resize");
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t signal = 0;
  struct err ignored; /* an odd message of one's own client changes nothing */
  if (client->session != NULL)
    {
      session_message (client, json);
      return;
    }
  if (!client->is_attached)
    return;
  if (json_integer (json, "signal", 1, 64, &signal, &ignored) == 0)
    job_kill (&container.job, (int) signal);
  if (json_integer (resize, "rows", 1, UINT16_MAX, &rows, &ignored) == 0 && json_integer (resize, "columns", 1, UINT16_MAX, &columns, &ignored) == 0)
    output_resize ((uint16_t) rows, (uint16_t) columns);
}

static void
take_control (struct client *client, const char *bytes, size_t length)
{
  struct json_document *document cleanup_json = NULL;
  struct err e = { 0 };
  if (json_parse (bytes, length, &document, &e) < 0)
    client_reply_error (client, "bad-request", e.msg);
  else if (!client->has_request)
    take_request (client, json_root (document));
  else
    take_message (client, json_root (document));
}

static void
frame (struct client *client, enum channel channel, const char *bytes, size_t length)
{
  if (channel == CHANNEL_CONTROL)
    take_control (client, bytes, length);
  else if (channel == CHANNEL_STDIN && client->session != NULL)
    session_input (client, bytes, length);
  else if (channel == CHANNEL_STDIN && client->is_attached)
    output_input (client, bytes, length);
  else if (length > 0 && !client->has_request)
    client_reply_error (client, "bad-request", "the first frame must be a request");
}

static void
closed (struct client *client)
{
  session_client_closed (client);
  output_client_drained (client);
  freeze_forget_client (client);
}

static void
drained (struct client *client)
{
  session_client_drained (client);
  output_client_drained (client);
}

int
control_open (struct err *e)
{
  static const struct client_owner owner = { .frame = frame, .drained = drained, .closed = closed };
  return client_listen (container.spec->run_dir, &owner, e);
}
