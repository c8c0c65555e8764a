#ifndef SUPERVISOR_JOURNAL_H
#define SUPERVISOR_JOURNAL_H

#include "common/err.h"
#include "supervisor/log-line.h"
#include "supervisor/spec.h"

#include <stdbool.h>
#include <stddef.h>

/* Log lines to systemd's journal in its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram a line. */
struct journal;

int journal_open (const struct spec_log *config, struct journal **ret, struct err *e);
void journal_close (struct journal *journal);
/* Never blocks; what the journal does not take is counted. A line that goes on is marked as a partial one. */
void journal_send (struct journal *journal, const struct log_line *line);
size_t journal_lost (const struct journal *journal);
/* Why the last line was not taken, in words; empty when it was. */
const char *journal_problem (const struct journal *journal);

#endif
