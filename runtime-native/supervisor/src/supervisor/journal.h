#ifndef SUPERVISOR_JOURNAL_H
#define SUPERVISOR_JOURNAL_H

#include "common/err.h"
#include "supervisor/spec.h"

#include <stdbool.h>
#include <stddef.h>

/* Log lines to systemd's journal in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram a line. */
struct journal;

int journal_open (const struct spec_log *config, struct journal **ret, struct err *e);
void journal_close (struct journal *journal);
/* Never blocks; what the journal does not take is counted. A line without its line feed is marked as a partial one. */
void journal_send (struct journal *journal, bool is_error, const char *text, size_t length);
size_t journal_lost (const struct journal *journal);

#endif
