#include "common/json.h"

#include "common/cleanup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum
{
  MAX_DEPTH = 64,
  CHUNK_BYTES = 4096
};

/* Memory comes from chunks that are freed together. */
struct chunk
{
  struct chunk *next;
  size_t used;
  size_t size;
  _Alignas (max_align_t) char data[];
};

struct json_document
{
  struct chunk *chunks;
  struct json *root;
};

struct parser
{
  const char *start;
  const char *at;
  const char *end;
  struct json_document *document;
  struct err *e;
  int depth;
};

static int parse_value (struct parser *p, struct json **ret);

static void *
allocate (struct json_document *d, size_t size)
{
  size = (size + sizeof (max_align_t) - 1) / sizeof (max_align_t) * sizeof (max_align_t);
  if (d->chunks == NULL || d->chunks->size - d->chunks->used < size)
    {
      const size_t usual = CHUNK_BYTES - sizeof (struct chunk) - 16;
      size_t room = size > usual ? size : usual;
      struct chunk *chunk = calloc (1, sizeof *chunk + room);
      if (chunk == NULL)
        return NULL;
      chunk->size = room;
      chunk->next = d->chunks;
      d->chunks = chunk;
    }
  void *memory = d->chunks->data + d->chunks->used;
  d->chunks->used += size;
  return memory;
}

static int
fail (struct parser *p, const char *what)
{
  return err_set (p->e, EINVAL, "invalid JSON at byte %zu: %s", (size_t) (p->at - p->start), what);
}

static void
skip_space (struct parser *p)
{
  while (p->at < p->end && (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r'))
    p->at++;
}

static bool
take (struct parser *p, char c)
{
  skip_space (p);
  if (p->at >= p->end || *p->at != c)
    return false;
  p->at++;
  return true;
}

static int
hex4 (struct parser *p, uint32_t *ret)
{
  uint32_t value = 0;
  if (p->end - p->at < 4)
    return fail (p, "unfinished \\u escape");
  for (int i = 0; i < 4; i++)
    {
      char c = *p->at++;
      int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0)
        return fail (p, "bad \\u escape");
      value = value << 4 | (uint32_t) digit;
    }
  *ret = value;
  return 0;
}

static char *
put_utf8 (char *out, uint32_t code)
{
  if (code < 0x80)
    *out++ = (char) code;
  else if (code < 0x800)
    {
      *out++ = (char) (0xc0 | code >> 6);
      *out++ = (char) (0x80 | (code & 0x3f));
    }
  else if (code < 0x10000)
    {
      *out++ = (char) (0xe0 | code >> 12);
      *out++ = (char) (0x80 | (code >> 6 & 0x3f));
      *out++ = (char) (0x80 | (code & 0x3f));
    }
  else
    {
      *out++ = (char) (0xf0 | code >> 18);
      *out++ = (char) (0x80 | (code >> 12 & 0x3f));
      *out++ = (char) (0x80 | (code >> 6 & 0x3f));
      *out++ = (char) (0x80 | (code & 0x3f));
    }
  return out;
}

static int
parse_unicode_escape (struct parser *p, char **out)
{
  uint32_t code = 0;
  int r = hex4 (p, &code);
  if (r < 0)
    return r;
  if (code == 0)
    return fail (p, "NUL in a string");
  if (code >= 0xdc00 && code <= 0xdfff)
    return fail (p, "lone surrogate");
  if (code >= 0xd800 && code <= 0xdbff)
    {
      uint32_t low = 0;
      if (p->end - p->at < 2 || p->at[0] != '\\' || p->at[1] != 'u')
        return fail (p, "lone surrogate");
      p->at += 2;
      r = hex4 (p, &low);
      if (r < 0)
        return r;
      if (low < 0xdc00 || low > 0xdfff)
        return fail (p, "lone surrogate");
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
  *out = put_utf8 (*out, code);
  return 0;
}

static int
parse_escape (struct parser *p, char **out)
{
  static const char from[] = "\"\\/bfnrt";
  static const char to[] = "\"\\/\b\f\n\r\t";
  char c = p->at < p->end ? *p->at : '\0';
  if (c == 'u')
    {
      p->at++;
      return parse_unicode_escape (p, out);
    }
  const char *found = c == '\0' ? NULL : strchr (from, c);
  if (found == NULL)
    return fail (p, "bad escape");
  p->at++;
  *(*out)++ = to[found - from];
  return 0;
}

/* After the opening quote. An unescaped string is never longer than its text. */
static int
parse_string (struct parser *p, const char **ret)
{
  const char *scan = p->at;
  while (scan < p->end && *scan != '"')
    scan += *scan == '\\' && p->end - scan > 1 ? 2 : 1;
  if (scan >= p->end)
    return fail (p, "unfinished string");
  char *string = allocate (p->document, (size_t) (scan - p->at) + 1);
  if (string == NULL)
    return err_set (p->e, ENOMEM, "out of memory");
  char *out = string;
  while (*p->at != '"')
    {
      if ((unsigned char) *p->at < 0x20)
        return fail (p, "control character in a string");
      if (*p->at != '\\')
        {
          *out++ = *p->at++;
          continue;
        }
      p->at++;
      int r = parse_escape (p, &out);
      if (r < 0)
        return r;
    }
  p->at++;
  *out = '\0';
  *ret = string;
  return 0;
}

static bool
skip_digits (struct parser *p)
{
  const char *start = p->at;
  while (p->at < p->end && *p->at >= '0' && *p->at <= '9')
    p->at++;
  return p->at > start;
}

static int
parse_number (struct parser *p, struct json *value)
{
  const char *start = p->at;
  if (*p->at == '-')
    p->at++;
  const char *digits = p->at;
  if (!skip_digits (p) || (*digits == '0' && p->at - digits > 1))
    return fail (p, "bad number");
  value->is_integer = true;
  if (p->at < p->end && *p->at == '.')
    {
      p->at++;
      value->is_integer = false;
      if (!skip_digits (p))
        return fail (p, "bad number");
    }
  if (p->at < p->end && (*p->at == 'e' || *p->at == 'E'))
    {
      p->at++;
      value->is_integer = false;
      if (p->at < p->end && (*p->at == '+' || *p->at == '-'))
        p->at++;
      if (!skip_digits (p))
        return fail (p, "bad number");
    }
  char text[64];
  size_t length = (size_t) (p->at - start);
  if (length >= sizeof text)
    return fail (p, "number too long");
  memcpy (text, start, length);
  text[length] = '\0';
  errno = 0;
  value->type = JSON_NUMBER;
  value->integer = value->is_integer ? strtoll (text, NULL, 10) : 0; /* syntax checked above */
  if (errno == ERANGE)
    value->is_integer = false;
  value->number = strtod (text, NULL);
  return 0;
}

static int
parse_word (struct parser *p, const char *word, enum json_type type, bool boolean, struct json *value)
{
  size_t length = strlen (word);
  if ((size_t) (p->end - p->at) < length || memcmp (p->at, word, length) != 0)
    return fail (p, "unexpected character");
  p->at += length;
  value->type = type;
  value->boolean = boolean;
  return 0;
}

static int
parse_key (struct parser *p, const struct json *object, const char **ret)
{
  if (!take (p, '"'))
    return fail (p, "expected a key");
  const char *key = NULL;
  int r = parse_string (p, &key);
  if (r < 0)
    return r;
  if (json_get (object, key) != NULL)
    return fail (p, "duplicate key");
  if (!take (p, ':'))
    return fail (p, "expected ':'");
  *ret = key;
  return 0;
}

/* After the opening bracket or brace. */
static int
parse_children (struct parser *p, struct json *parent, char close)
{
  struct json **tail = &parent->first;
  if (take (p, close))
    return 0;
  for (;;)
    {
      const char *key = NULL;
      struct json *child = NULL;
      int r = parent->type == JSON_OBJECT ? parse_key (p, parent, &key) : 0;
      if (r == 0)
        r = parse_value (p, &child);
      if (r < 0)
        return r;
      child->key = key;
      *tail = child;
      tail = &child->next;
      parent->count++;
      if (take (p, close))
        return 0;
      if (!take (p, ','))
        return fail (p, "expected ',' or the end");
    }
}

static int
parse_kind (struct parser *p, struct json *value)
{
  switch (*p->at)
    {
    case '{':
    case '[':
      value->type = *p->at == '{' ? JSON_OBJECT : JSON_ARRAY;
      p->at++;
      return parse_children (p, value, value->type == JSON_OBJECT ? '}' : ']');
    case '"':
      value->type = JSON_STRING;
      p->at++;
      return parse_string (p, &value->string);
    case 't': return parse_word (p, "true", JSON_BOOL, true, value);
    case 'f': return parse_word (p, "false", JSON_BOOL, false, value);
    case 'n': return parse_word (p, "null", JSON_NULL, false, value);
    default: return *p->at == '-' || (*p->at >= '0' && *p->at <= '9') ? parse_number (p, value) : fail (p, "unexpected character");
    }
}

static int
parse_value (struct parser *p, struct json **ret)
{
  skip_space (p);
  if (p->at >= p->end)
    return fail (p, "unexpected end");
  if (p->depth >= MAX_DEPTH)
    return fail (p, "nested too deeply");
  struct json *value = allocate (p->document, sizeof *value);
  if (value == NULL)
    return err_set (p->e, ENOMEM, "out of memory");
  value->raw = p->at;
  p->depth++;
  int r = parse_kind (p, value);
  p->depth--;
  if (r < 0)
    return r;
  value->raw_length = (size_t) (p->at - value->raw);
  *ret = value;
  return 0;
}

int
json_parse (const char *text, size_t length, struct json_document **ret_document, struct err *e)
{
  struct json_document *document cleanup_json = calloc (1, sizeof *document);
  if (document == NULL)
    return err_set (e, ENOMEM, "out of memory");
  struct parser p = { .start = text, .at = text, .end = text + length, .document = document, .e = e };
  int r = parse_value (&p, &document->root);
  if (r < 0)
    return r;
  skip_space (&p);
  if (p.at != p.end)
    return fail (&p, "text after the document");
  *ret_document = steal_pointer (document);
  return 0;
}

struct json *
json_root (const struct json_document *document)
{
  return document->root;
}

void
json_free (struct json_document *document)
{
  if (document == NULL)
    return;
  while (document->chunks != NULL)
    {
      struct chunk *chunk = document->chunks;
      document->chunks = chunk->next;
      free (chunk);
    }
  free (document);
}

void
json_free_pointer (struct json_document **document)
{
  json_free (*document);
}
