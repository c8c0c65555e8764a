. /vm/tap.sh
check 'after the reboot nothing runs' sh -c '[ -z "$(tscompose ps -q)" ]'
check 'the containers are still known' sh -c '[ "$(tscompose ps -a -q | wc -l)" -ge 2 ]'
check 'start brings them back' tscompose start --wait --wait-timeout 120
check 'the volume kept its data' sh -c 'tscompose exec -T web cat /data/file | grep -q kept'
check 'the published port answers again' sh -c '[ "$(busybox wget -q -O - http://127.0.0.1:8080/file)" = kept ]'
check 'down removes the stack' tscompose --profile hungry down -v
check 'no cgroup is left' sh -c '! find /sys/fs/cgroup -mindepth 2 -maxdepth 3 -path "*tscompose*" -type d | grep .'
check 'no bridge is left' sh -c '! ip -br link | grep tsc'
check 'no nftables table is left' sh -c '! nft list tables | grep tscompose'
check 'no process is left' sh -c '! ps -eo args | grep -E "[t]scompose-supervisor"'
plan
