#include "supervisor/report.h"

#include "common/buffer.h"
#include "common/io.h"
#include "supervisor/container.h"

#include <unistd.h>

static void
report (const struct buffer *text)
{
  struct err ignored; /* a launcher that is gone needs no report */
  if (container.report_fd < 0 || text->failed)
    return;
  (void) io_write_all (container.report_fd, text->data, text->length, &ignored);
  (void) close (container.report_fd); /* its end tells the launcher that the report is complete */
  container.report_fd = -1;
}

void
report_started (void)
{
  struct buffer text cleanup_buffer = { 0 };
  buffer_printf (&text, "\"ok\":true,\"supervisorPid\":%d,\"pid\":%d", (int) container.status.supervisor_pid, (int) container.status.pid);
  report (&text);
}

void
report_failure (const char *reason, const char *message)
{
  struct buffer text cleanup_buffer = { 0 };
  buffer_printf (&text, "\"ok\":false,\"reason\":\"%s\",\"message\":", reason);
  buffer_add_json (&text, message);
  report (&text);
}
