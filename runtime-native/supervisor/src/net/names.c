#include "net/names.h"

#include "common/buffer.h"
#include "common/cleanup.h"
#include "common/io.h"
#include "net/dns-packet.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

enum
{
  ID_MAX = 128,
  LABEL_MAX = 63
};

/* In the one spelling that inet_ntop gives: tables hold no other, so that text is enough to compare. */
struct ip
{
  size_t length;
  char text[INET6_ADDRSTRLEN];
};

/* What of the old table goes: the lines of ID, and those of the addresses. */
struct removal
{
  const char *id;
  const struct ip *addresses;
  size_t n_addresses;
};

static int
add_address (struct buffer *line, const char *text, struct ip *ret, struct err *e)
{
  uint8_t bytes[16];
  int family = inet_pton (AF_INET, text, bytes) == 1 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && inet_pton (AF_INET6, text, bytes) != 1)
    return err_set (e, EINVAL, "\"%.60s\" is not an address", text);
  *ret = (struct ip){ 0 };
  (void) inet_ntop (family, bytes, ret->text, sizeof ret->text); /* the size fits */
  ret->length = strlen (ret->text);
  buffer_add (line, ret->text, ret->length);
  return 0;
}

/* Adds NAME in lower case, without a last dot. */
static int
add_name (struct buffer *line, const char *name, struct err *e)
{
  char text[DNS_NAME_MAX + 2];
  size_t length = strnlen (name, sizeof text);
  if (length > 1 && length < sizeof text && name[length - 1] == '.')
    length--;
  bool valid = length > 0 && length <= DNS_NAME_MAX;
  size_t label = 0;
  for (size_t i = 0; valid && i < length; i++)
    {
      unsigned char c = (unsigned char) name[i];
      label = c == '.' ? 0 : label + 1;
      bool is_empty_label = c == '.' && (i == 0 || i == length - 1 || name[i - 1] == '.');
      valid = c >= 0x20 && c != 0x7f && label <= LABEL_MAX && !is_empty_label;
      text[i] = (char) (c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c);
    }
  if (!valid)
    return err_set (e, EINVAL, "a name of %zu bytes cannot be a host name: labels have 1 to %d bytes, no control characters, %d in all",
                    strlen (name), LABEL_MAX, DNS_NAME_MAX);
  buffer_add (line, text, length);
  return 0;
}

static int
check_id (const char *id, struct err *e)
{
  size_t length = strnlen (id, ID_MAX + 1);
  bool valid = length > 0 && length <= ID_MAX;
  for (size_t i = 0; valid && i < length; i++)
    valid = id[i] > 0x20 && id[i] < 0x7f;
  return valid ? 0 : err_set (e, EINVAL, "a container id has 1 to %d printable characters", ID_MAX);
}

/* The record's lines, and the addresses in them. */
static int
format_record (const struct names_record *record, struct buffer *ret_lines, struct ip *ret_addresses, struct err *e)
{
  int r = check_id (record->container_id, e);
  if (r == 0 && (record->n_addresses > NAMES_ADDRESSES_PER_RECORD || record->n_names > NAMES_PER_RECORD))
    r = err_set (e, E2BIG, "a container has at most %d addresses and %d names in a network", NAMES_ADDRESSES_PER_RECORD, NAMES_PER_RECORD);
  for (size_t i = 0; r == 0 && i < record->n_addresses; i++)
    {
      buffer_add_string (ret_lines, record->container_id);
      buffer_add_string (ret_lines, "\t");
      r = add_address (ret_lines, record->addresses[i], &ret_addresses[i], e);
      buffer_add_string (ret_lines, "\t");
      if (r == 0)
        r = add_name (ret_lines, record->canonical, e);
      for (size_t k = 0; r == 0 && k < record->n_names; k++)
        {
          buffer_add_string (ret_lines, "\t");
          r = add_name (ret_lines, record->names[k], e);
        }
      buffer_add_string (ret_lines, "\n");
    }
  return r;
}

static bool
is_removed (const char *line, size_t length, const struct removal *removal)
{
  size_t id = strlen (removal->id);
  if (length > id && memcmp (line, removal->id, id) == 0 && line[id] == '\t')
    return true;
  const char *address = memchr (line, '\t', length);
  const char *end = address == NULL ? NULL : memchr (address + 1, '\t', length - (size_t) (address + 1 - line));
  if (end == NULL)
    return true; /* nothing that we wrote */
  size_t size = (size_t) (end - address) - 1;
  for (size_t i = 0; i < removal->n_addresses; i++)
    if (removal->addresses[i].length == size && memcmp (removal->addresses[i].text, address + 1, size) == 0)
      return true;
  return false;
}

/* Under the lock: the table without what REMOVAL names, with LINES behind it. */
static int
replace_table (int directory, const struct removal *removal, const struct buffer *lines, struct err *e)
{
  char *old cleanup_free = NULL;
  size_t old_length = 0;
  struct buffer table cleanup_buffer = { 0 };
  int r = io_read_file_at (directory, "names", NAMES_FILE_MAX, &old, &old_length, e);
  if (r < 0 && r != -ENOENT)
    return r;
  size_t kept = 0; /* start of the lines that stay but are not in TABLE yet */
  for (size_t at = 0; at < old_length;)
    {
      const char *end = memchr (old + at, '\n', old_length - at);
      size_t length = end == NULL ? old_length - at : (size_t) (end - old) - at;
      if (end == NULL || is_removed (old + at, length, removal))
        {
          buffer_add (&table, old + kept, at - kept);
          kept = at + length + 1;
        }
      at += length + 1;
    }
  if (kept < old_length)
    buffer_add (&table, old + kept, old_length - kept);
  buffer_add (&table, lines->data, lines->length);
  if (table.failed || table.length > NAMES_FILE_MAX)
    return err_set (e, EFBIG, "the table of names would be larger than %d bytes", NAMES_FILE_MAX);
  if (old != NULL && table.length == old_length && (old_length == 0 || memcmp (table.data, old, old_length) == 0))
    return 0;
  struct io_replacement replacement = { .name = "names", .data = table.data, .length = table.length, .mode = 0644 };
  return io_replace_file_at (directory, &replacement, e);
}

static int
update (int directory, const struct removal *removal, const struct buffer *lines, struct err *e)
{
  int lock cleanup_fd = openat (directory, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0)
    return err_errno (e, "open lock");
  while (flock (lock, LOCK_EX) < 0)
    if (errno != EINTR)
      return err_errno (e, "lock");
  return replace_table (directory, removal, lines, e);
}

int
names_open_directory (const char *table_dir, struct err *e)
{
  bool made = mkdir (table_dir, 0755) == 0;
  if (!made && errno != EEXIST)
    return err_errno (e, "make %s", table_dir);
  int fd cleanup_fd = open (table_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return err_errno (e, "open %s", table_dir);
  if (made && fchmod (fd, 0755) < 0) /* the umask may have taken bits away */
    return err_errno (e, "chmod %s", table_dir);
  return steal_fd (&fd);
}

int
names_add (const struct names_record *record, struct err *e)
{
  struct ip addresses[NAMES_ADDRESSES_PER_RECORD];
  struct buffer lines cleanup_buffer = { 0 };
  int r = format_record (record, &lines, addresses, e);
  int directory cleanup_fd = r < 0 ? -1 : names_open_directory (record->table_dir, e);
  if (r == 0 && directory < 0)
    r = -e->code;
  struct removal removal = { .id = record->container_id, .addresses = addresses, .n_addresses = record->n_addresses };
  if (r == 0)
    r = update (directory, &removal, &lines, e);
  return r < 0 ? err_wrap (e, "names of %s", record->table_dir) : 0;
}

int
names_remove (const char *table_dir, const char *container_id, struct err *e)
{
  if (check_id (container_id, e) < 0)
    return -e->code;
  int directory cleanup_fd = open (table_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  if (directory < 0)
    return errno == ENOENT ? 0 : err_errno (e, "open %s", table_dir);
  struct removal removal = { .id = container_id };
  struct buffer none = { 0 };
  return update (directory, &removal, &none, e) < 0 ? err_wrap (e, "names of %s", table_dir) : 0;
}
