#include "common/cleanup.h"
#include "common/json.h"

#include <errno.h>
#include <string.h>

const struct json *
json_get (const struct json *object, const char *key)
{
  if (object == NULL || object->type != JSON_OBJECT)
    return NULL;
  for (const struct json *member = object->first; member != NULL; member = member->next)
    if (strcmp (member->key, key) == 0)
      return member;
  return NULL;
}

static const struct json *
get_present (const struct json *object, const char *key)
{
  const struct json *value = json_get (object, key);
  return value != NULL && value->type == JSON_NULL ? NULL : value;
}

static int
missing (const char *key, struct err *e)
{
  return err_set (e, EINVAL, "\"%s\" is missing", key);
}

int
json_string (const struct json *object, const char *key, const char **ret, struct err *e)
{
  return get_present (object, key) == NULL ? missing (key, e) : json_string_or (object, key, NULL, ret, e);
}

int
json_string_or (const struct json *object, const char *key, const char *fallback, const char **ret, struct err *e)
{
  const struct json *value = get_present (object, key);
  if (value != NULL && value->type != JSON_STRING)
    return err_set (e, EINVAL, "\"%s\" must be a string", key);
  *ret = value == NULL ? fallback : value->string;
  return 0;
}

int
json_integer (const struct json *object, const char *key, int64_t min, int64_t max, int64_t *ret, struct err *e)
{
  return get_present (object, key) == NULL ? missing (key, e) : json_integer_or (object, key, min, max, 0, ret, e);
}

int
json_integer_or (const struct json *object, const char *key, int64_t min, int64_t max, int64_t fallback, int64_t *ret, struct err *e)
{
  const struct json *value = get_present (object, key);
  if (value == NULL)
    {
      *ret = fallback;
      return 0;
    }
  if (value->type != JSON_NUMBER || !value->is_integer || value->integer < min || value->integer > max)
    return err_set (e, EINVAL, "\"%s\" must be an integer from %lld to %lld", key, (long long) min, (long long) max);
  *ret = value->integer;
  return 0;
}

int
json_bool (const struct json *object, const char *key, bool *ret, struct err *e)
{
  return get_present (object, key) == NULL ? missing (key, e) : json_bool_or (object, key, false, ret, e);
}

int
json_bool_or (const struct json *object, const char *key, bool fallback, bool *ret, struct err *e)
{
  const struct json *value = get_present (object, key);
  if (value != NULL && value->type != JSON_BOOL)
    return err_set (e, EINVAL, "\"%s\" must be true or false", key);
  *ret = value == NULL ? fallback : value->boolean;
  return 0;
}

int
json_array_or_empty (const struct json *object, const char *key, const struct json **ret, struct err *e)
{
  const struct json *value = get_present (object, key);
  if (value != NULL && value->type != JSON_ARRAY)
    return err_set (e, EINVAL, "\"%s\" must be an array", key);
  *ret = value;
  return 0;
}

int
json_strings_or_empty (const struct json *object, const char *key, const char ***ret, size_t *ret_count, struct err *e)
{
  const struct json *array = NULL;
  int r = json_array_or_empty (object, key, &array, e);
  if (r < 0)
    return r;
  size_t count = array == NULL ? 0 : array->count;
  const char **strings cleanup_free = calloc (count + 1, sizeof *strings);
  if (strings == NULL)
    return err_set (e, ENOMEM, "out of memory");
  size_t i = 0;
  for json_each (element, array)
    {
      if (element->type != JSON_STRING)
        return err_set (e, EINVAL, "\"%s\" must be an array of strings", key);
      strings[i++] = element->string;
    }
  *ret = steal_pointer (strings);
  *ret_count = count;
  return 0;
}
