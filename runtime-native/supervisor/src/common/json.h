#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include "common/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum json_type
{
  JSON_NULL,
  JSON_BOOL,
  JSON_NUMBER,
  JSON_STRING,
  JSON_ARRAY,
  JSON_OBJECT
};

/* One value. Members and elements are a list: `first`, then `next`. */
struct json
{
  enum json_type type;
  bool boolean;
  bool is_integer;
  int64_t integer;
  double number;
  const char *string; /* NUL-terminated; strings with an embedded NUL are refused */
  const char *key;    /* of an object's member, else NULL */
  const char *raw;    /* the value's text in the document, RAW_LENGTH bytes */
  size_t raw_length;
  struct json *first;
  struct json *next;
  size_t count;
};

/* A parsed document and the memory of everything in it. */
struct json_document;

/* Parses TEXT (strict RFC 8259, UTF-8, duplicate keys refused, at most 64 levels); it must live as long as `raw` is used.
   -EINVAL with the byte offset in the message. */
int json_parse (const char *text, size_t length, struct json_document **ret_document, struct err *e);
struct json *json_root (const struct json_document *document);
void json_free (struct json_document *document);
void json_free_pointer (struct json_document **document);
#define cleanup_json __attribute__ ((cleanup (json_free_pointer)))

/* Member of an object, NULL when OBJECT is NULL, no object, or lacks it. */
const struct json *json_get (const struct json *object, const char *key);

/* Typed members. A wrong type or an absent required member is -EINVAL with the key in the message. The `_or` forms take
   absence and null as the default. Strings belong to the document. */
int json_string (const struct json *object, const char *key, const char **ret, struct err *e);
int json_string_or (const struct json *object, const char *key, const char *fallback, const char **ret, struct err *e);
int json_integer (const struct json *object, const char *key, int64_t min, int64_t max, int64_t *ret, struct err *e);
int json_integer_or (const struct json *object, const char *key, int64_t min, int64_t max, int64_t fallback, int64_t *ret, struct err *e);
int json_bool (const struct json *object, const char *key, bool *ret, struct err *e);
int json_bool_or (const struct json *object, const char *key, bool fallback, bool *ret, struct err *e);
/* Array member; absent or null is an empty one (*RET NULL). */
int json_array_or_empty (const struct json *object, const char *key, const struct json **ret, struct err *e);
/* Array of strings as a NULL-terminated vector (the vector is the caller's, free it; the strings are the document's). */
int json_strings_or_empty (const struct json *object, const char *key, const char ***ret, size_t *ret_count, struct err *e);

#define json_each(element, array) (const struct json *element = (array) == NULL ? NULL : (array)->first; element != NULL; element = element->next)

#endif
