#ifndef NET_DNS_TABLE_H
#define NET_DNS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One network's names, as its `names` file has them at the moment of the question: a writer replaces the file, so a new
   inode is a new table. The text is mapped (its pages are shared by all resolvers of the machine), the index is ours. */

enum
{
  DNS_TABLE_ENTRIES_MAX = 1 << 16,
  DNS_ADDRESSES_MAX = 1024 /* a bridge has fewer ports */
};

struct dns_table_entry
{
  uint32_t hash;
  uint32_t line; /* offset of the line in the text */
  uint32_t name; /* offset of the name; 0 for the line's address */
};

struct dns_table
{
  int directory;
  int file; /* kept open, so that no other file can get its inode number; -1: none */
  dev_t device;
  ino_t inode;
  const char *text;
  size_t length;
  size_t n_buckets; /* a power of two, or 0 */
  uint32_t *buckets; /* first entry of each bucket, and the end */
  struct dns_table_entry *entries;
};

struct dns_addresses
{
  size_t n;
  uint8_t bytes[DNS_ADDRESSES_MAX][16];
};

/* Prepares the table of an open directory (taken over): reserves memory, which is touched as a table needs it, reads
   nothing. 0 or a negative errno. */
int dns_table_init (struct dns_table *table, int directory);

/* Makes the table what the file is now; one fstatat(2) when nothing changed. No file is an empty table. On failure, a
   negative errno, the table is empty: a stale answer is worse than none. */
int dns_table_refresh (struct dns_table *table);

/* Is NAME (lower case, no last dot) known? Then its addresses of SIZE (4 or 16) bytes are in RET, in the order of the
   table, each line's once; without RET only the question is answered. */
bool dns_table_find_name (const struct dns_table *table, const char *name, size_t size, struct dns_addresses *ret);

/* The canonical name of an address, in RET; false when no line has the address. */
bool dns_table_find_address (const struct dns_table *table, const uint8_t *address, size_t size, char *ret, size_t ret_size);

uint32_t dns_table_hash (const void *bytes, size_t length);

#endif
