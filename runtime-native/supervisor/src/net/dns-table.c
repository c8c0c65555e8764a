#include "net/dns-table.h"

#include "common/cleanup.h"
#include "net/names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* A part of a line. */
struct field
{
  const char *at;
  size_t length;
};

typedef void entry_visitor (struct dns_table *table, struct dns_table_entry entry);

uint32_t
dns_table_hash (const void *bytes, size_t length)
{
  const uint8_t *at = bytes;
  uint32_t hash = 2166136261U; /* FNV-1a, then mixed since the low bits choose the bucket */
  for (size_t i = 0; i < length; i++)
    hash = (hash ^ at[i]) * 16777619U;
  return hash ^ hash >> 15;
}

static void *
reserve (size_t size)
{
  void *memory = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? NULL : memory;
}

int
dns_table_init (struct dns_table *table, int directory)
{
  *table = (struct dns_table){ .directory = directory, .file = -1 };
  table->buckets = reserve ((DNS_TABLE_ENTRIES_MAX + 1) * sizeof *table->buckets);
  table->entries = reserve (DNS_TABLE_ENTRIES_MAX * sizeof *table->entries);
  return table->buckets == NULL || table->entries == NULL ? -ENOMEM : 0;
}

static void
clear (struct dns_table *table)
{
  if (table->text != NULL)
    (void) munmap ((void *) (uintptr_t) table->text, table->length); /* cannot fail for what mmap returned */
  if (table->file >= 0)
    (void) close (table->file); /* read only: nothing to lose */
  table->text = NULL;
  table->length = 0;
  table->file = -1;
  table->n_buckets = 0;
}

/* The field that starts at AT, up to a TAB or the line's END. */
static struct field
field_at (const char *at, const char *end)
{
  const char *tab = memchr (at, '\t', (size_t) (end - at));
  return (struct field){ .at = at, .length = (size_t) ((tab == NULL ? end : tab) - at) };
}

static struct field
field_after (struct field field, const char *end)
{
  const char *at = field.at + field.length;
  return at == end ? (struct field){ .at = end } : field_at (at + 1, end);
}

static const char *
line_end (const struct dns_table *table, size_t line)
{
  const char *end = memchr (table->text + line, '\n', table->length - line);
  return end == NULL ? table->text + table->length : end;
}

/* The binary form of a line's address field; its size, or 0. */
static size_t
read_address (struct field field, uint8_t ret_address[16])
{
  char text[INET6_ADDRSTRLEN];
  if (field.length == 0 || field.length >= sizeof text)
    return 0;
  memcpy (text, field.at, field.length);
  text[field.length] = '\0';
  if (inet_pton (AF_INET, text, ret_address) == 1)
    return 4;
  return inet_pton (AF_INET6, text, ret_address) == 1 ? 16 : 0;
}

static void
visit_line (struct dns_table *table, const char *line, const char *end, entry_visitor *visit)
{
  uint8_t address[16];
  uint32_t offset = (uint32_t) (line - table->text);
  struct field field = field_after (field_at (line, end), end);
  size_t size = read_address (field, address);
  if (size == 0)
    return;
  visit (table, (struct dns_table_entry){ .hash = dns_table_hash (address, size), .line = offset });
  for (field = field_after (field, end); field.length > 0; field = field_after (field, end))
    visit (table, (struct dns_table_entry){
                      .hash = dns_table_hash (field.at, field.length), .line = offset, .name = (uint32_t) (field.at - table->text) });
}

static void
visit_table (struct dns_table *table, entry_visitor *visit)
{
  for (size_t at = 0; at < table->length;)
    {
      const char *end = line_end (table, at);
      visit_line (table, table->text + at, end, visit);
      at = (size_t) (end - table->text) + 1;
    }
}

static uint32_t *
bucket_of (struct dns_table *table, uint32_t hash)
{
  return &table->buckets[hash & (table->n_buckets - 1)];
}

static void
count_entry (struct dns_table *table, struct dns_table_entry entry)
{
  (void) entry;
  table->buckets[0]++;
}

static void
count_in_bucket (struct dns_table *table, struct dns_table_entry entry)
{
  (*bucket_of (table, entry.hash))++;
}

/* The bucket holds the place of its next entry. */
static void
place_entry (struct dns_table *table, struct dns_table_entry entry)
{
  uint32_t *bucket = bucket_of (table, entry.hash);
  table->entries[(*bucket)++] = entry;
}

/* Counting sort into buckets: two passes over the text, no comparison, entries of a bucket in the order of the text. */
static int
build_index (struct dns_table *table)
{
  table->n_buckets = 1;
  table->buckets[0] = 0;
  visit_table (table, count_entry);
  uint32_t total = table->buckets[0];
  if (total > DNS_TABLE_ENTRIES_MAX)
    return -EFBIG;
  while (table->n_buckets < total)
    table->n_buckets *= 2;
  memset (table->buckets, 0, (table->n_buckets + 1) * sizeof *table->buckets);
  visit_table (table, count_in_bucket);
  uint32_t start = 0;
  for (size_t i = 0; i <= table->n_buckets; i++)
    {
      uint32_t count = table->buckets[i];
      table->buckets[i] = start;
      start += count;
    }
  visit_table (table, place_entry);
  /* Placing moved each start to its end, which is the next one's start. */
  memmove (table->buckets + 1, table->buckets, table->n_buckets * sizeof *table->buckets);
  table->buckets[0] = 0;
  return 0;
}

static int
load (struct dns_table *table)
{
  int fd cleanup_fd = openat (table->directory, "names", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0)
    return errno == ENOENT ? 0 : -errno;
  struct stat status;
  if (fstat (fd, &status) < 0)
    return -errno;
  if (!S_ISREG (status.st_mode) || status.st_size > NAMES_FILE_MAX)
    return -EFBIG;
  if (status.st_size > 0)
    {
      void *text = mmap (NULL, (size_t) status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
      if (text == MAP_FAILED)
        return -errno;
      table->text = text;
      table->length = (size_t) status.st_size;
    }
  table->device = status.st_dev;
  table->inode = status.st_ino;
  table->file = steal_fd (&fd);
  return build_index (table);
}

int
dns_table_refresh (struct dns_table *table)
{
  struct stat status;
  if (fstatat (table->directory, "names", &status, AT_SYMLINK_NOFOLLOW) < 0)
    {
      int r = errno == ENOENT ? 0 : -errno;
      clear (table);
      return r;
    }
  if (table->file >= 0 && status.st_ino == table->inode && status.st_dev == table->device)
    return 0;
  clear (table);
  int r = load (table);
  if (r < 0)
    clear (table);
  return r;
}

static bool
name_is (const struct dns_table *table, const struct dns_table_entry *entry, const char *name, size_t length)
{
  size_t at = entry->name;
  if (at == 0 || length > table->length - at || memcmp (table->text + at, name, length) != 0)
    return false;
  size_t end = at + length;
  return end == table->length || table->text[end] == '\t' || table->text[end] == '\n';
}

bool
dns_table_find_name (const struct dns_table *table, const char *name, size_t size, struct dns_addresses *ret)
{
  size_t length = strlen (name);
  if (table->n_buckets == 0 || length == 0)
    return false;
  uint32_t hash = dns_table_hash (name, length);
  size_t bucket = hash & (table->n_buckets - 1);
  bool known = false;
  uint32_t last_line = UINT32_MAX;
  for (uint32_t i = table->buckets[bucket]; i < table->buckets[bucket + 1]; i++)
    {
      const struct dns_table_entry *entry = &table->entries[i];
      if (entry->hash != hash || entry->line == last_line || !name_is (table, entry, name, length))
        continue;
      known = true;
      last_line = entry->line;
      if (ret == NULL)
        break;
      const char *end = line_end (table, entry->line);
      uint8_t address[16];
      size_t found = read_address (field_after (field_at (table->text + entry->line, end), end), address);
      if (found == size && ret->n < DNS_ADDRESSES_MAX)
        memcpy (ret->bytes[ret->n++], address, size);
    }
  return known;
}

bool
dns_table_find_address (const struct dns_table *table, const uint8_t *address, size_t size, char *ret, size_t ret_size)
{
  if (table->n_buckets == 0)
    return false;
  uint32_t hash = dns_table_hash (address, size);
  size_t bucket = hash & (table->n_buckets - 1);
  for (uint32_t i = table->buckets[bucket]; i < table->buckets[bucket + 1]; i++)
    {
      const struct dns_table_entry *entry = &table->entries[i];
      if (entry->hash != hash || entry->name != 0)
        continue;
      const char *end = line_end (table, entry->line);
      uint8_t found[16];
      struct field field = field_after (field_at (table->text + entry->line, end), end);
      if (read_address (field, found) != size || memcmp (found, address, size) != 0)
        continue;
      field = field_after (field, end);
      if (field.length == 0 || field.length >= ret_size)
        continue;
      memcpy (ret, field.at, field.length);
      ret[field.length] = '\0';
      return true;
    }
  return false;
}
