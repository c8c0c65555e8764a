check 'after the reboot nothing runs' equals "$(tscompose ps -q)" ''
check 'the containers are still known' equals "$(tscompose --profile hungry ps -a -q | wc -l)" 4
check 'resume brings back what ran' tscompose up -d --resume --wait --wait-timeout 240
check 'and leaves alone what was put aside' equals "$(states)" 'hungry exited, idle running, put-aside exited, web running'
check 'the volume kept its data' equals "$(tscompose exec -T web cat /data/file)" kept
check 'the published port answers again' eventually sh -c '[ "$(busybox wget -q -O - http://127.0.0.1:8080/file)" = kept ]'
check 'start brings back everything' tscompose start
check 'everything runs' equals "$(states)" 'hungry exited, idle running, put-aside running, web running'
check 'down removes the stack' tscompose --profile hungry down -v -t 1
check 'no cgroup is left' sh -c '! find /sys/fs/cgroup -mindepth 1 -maxdepth 3 -path "*tscompose*" -type d | grep .'
check 'no bridge is left' sh -c '! ip -br link | grep tsc'
check 'no nftables table is left' sh -c '! nft list tables | grep tscompose'
check 'no process is left' sh -c '! ps -eo args | grep -E "[t]scompose-supervisor"'
