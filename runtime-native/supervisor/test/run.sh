#!/bin/sh
# Runs the TAP programs given as arguments; prints the failing lines and a total; fails if any failed or printed no plan.
passed=0
failed=0
for program in "$@"; do
  output=$(timeout 60 "$program" 2>&1)
  status=$?
  ok=$(printf '%s\n' "$output" | grep -c '^ok ')
  bad=$(printf '%s\n' "$output" | grep -c '^not ok ')
  planned=$(printf '%s\n' "$output" | sed -n 's/^1\.\.//p' | tail -1)
  passed=$((passed + ok))
  if [ "$status" -ne 0 ] || [ "$bad" -ne 0 ] || [ "${planned:-0}" -ne $((ok + bad)) ]; then
    [ "$bad" -eq 0 ] && bad=1
    printf '# %s: exit status %s, plan %s, %s passed\n%s\n' "$program" "$status" "${planned:-none}" "$ok" "$output" | grep -v '^ok '
  fi
  failed=$((failed + bad))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
