for module in sctp nfsd nfs nfsv4 nft_redir; do modprobe "$module" || echo "# modprobe $module failed"; done
# A machine beyond a link: traffic that comes in from elsewhere.
ip netns add far
ip link add near0 type veth peer name far0 netns far
ip addr add 10.99.0.1/24 dev near0
ip link set near0 up
ip -n far addr add 10.99.0.2/24 dev far0
ip -n far link set far0 up
ip -n far link set lo up
# A server for NFS version 4, in the kernel.
mkdir -p /export && echo hello > /export/greeting && chmod 777 /export
mountpoint -q /proc/fs/nfsd || mount -t nfsd nfsd /proc/fs/nfsd
echo '/export *(rw,fsid=1,no_root_squash,no_subtree_check)' > /etc/exports
sed -i 's/^udp.*//' /etc/netconfig 2>/dev/null
exportfs -ra && rpc.mountd --no-nfs-version 3 && rpc.nfsd --no-nfs-version 3 --grace-time 1 --lease-time 1 2
check 'a stack with an SCTP port and an NFS volume comes up' tscompose up -d
check 'SCTP from elsewhere reaches the container, which sees whom it comes from' eventually sh -c '[ "$(timeout 20 ip netns exec far socat -u SCTP-CONNECT:10.99.0.1:3868 -)" = "served by sctp to 10.99.0.2" ]'
check 'also on the port of one address' eventually sh -c 'timeout 20 ip netns exec far socat -u SCTP-CONNECT:10.99.0.1:3869 - | grep "served by sctp"'
check 'SCTP from this machine to its own address' eventually sh -c 'timeout 20 socat -u SCTP-CONNECT:10.99.0.1:3868 - | grep "served by sctp"'
check 'SCTP between containers, by name' eventually sh -c 'timeout 60 tscompose exec -T client sh -c "/host/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --library-path /host/usr/lib/x86_64-linux-gnu /host/usr/bin/socat -u SCTP-CONNECT:sctp:3868 -" | grep "served by sctp"'
check 'ps shows the port' matches "$(tscompose ps sctp)" '3868->3868/sctp'
check 'the NFS volume shows what the server has' eventually sh -c 'tscompose logs --no-log-prefix files | grep -x hello'
check 'and what the container writes is there' eventually grep -x written /export/answer
check 'it is NFS' matches "$(tscompose exec -T files cat /proc/mounts)" ' /share nfs4 '
refusal=$(tscompose -f lost.yaml up -d 2>&1)
check 'an export that is not there is told with the reason' matches "$refusal" 'mount :/nowhere \(nfs\).*No such file'
tscompose -f lost.yaml down -v >/dev/null 2>&1
check 'down unmounts it' tscompose down -v -t 1
check 'nothing of it is mounted' fails grep -q ' nfs4 ' /proc/mounts
check 'the files are still on the server' grep -x written /export/answer
check 'no connection tracking rule or table is left' sh -c '! nft list tables | grep tscompose'
rpc.nfsd 0
