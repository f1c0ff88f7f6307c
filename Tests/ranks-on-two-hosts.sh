#!/usr/bin/env bash
# Trains on two hosts, which are network namespaces of this machine with a cable between them: compares the bits with a
# process alone, then pulls the cable and checks that all ranks end within 30 seconds, name the rank that is gone, and
# that the run goes on to the same bits. Needs root.
#
# usage: Tests/ranks-on-two-hosts.sh [program]
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "$0")/.." && pwd)
program=${1:-$root/.build/release/report}
source "$root/Tests/ranks.sh"
need_mpi
[ "$(id -u)" -eq 0 ] || { echo "Skipped: making network namespaces needs root."; exit 0; }
command -v ip >/dev/null || { echo "Skipped: there is no ip (apt-get install iproute2)."; exit 0; }
[ -x "$program" ] || { echo "There is no program $program; build it first (make build)." >&2; exit 1; }

work=$(mktemp -d)
a=tga$$ b=tgb$$
ip netns add "$a" 2>"$work/errors" || { echo "Skipped: $(cat "$work/errors")"; rm -rf "$work"; exit 0; }
# An mpirun that has lost its other host waits for it long after the ranks have ended.
clean() {
  for space in "$a" "$b"; do
    # shellcheck disable=SC2046
    kill -KILL $(ip netns pids "$space" 2>/dev/null) 2>/dev/null || true
    ip netns del "$space" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean EXIT
export XDG_CACHE_HOME=$work/cache

lay_cable() {
  ip netns add "$b" &&
    ip link add "ve$a" netns "$a" type veth peer name "ve$b" netns "$b" &&
    ip -n "$a" addr add 10.91.0.1/24 dev "ve$a" &&
    ip -n "$b" addr add 10.91.0.2/24 dev "ve$b" || return 1
  local space
  for space in "$a" "$b"; do
    ip -n "$space" link set lo up && ip -n "$space" link set "ve$space" up || return 1
  done
}
lay_cable 2>"$work/errors" || { echo "Skipped: $(cat "$work/errors")"; exit 0; }

# What mpirun calls in the place of ssh: `agent HOST command…`; each host has a name of its own.
cat >"$work/agent" <<END
#!/bin/sh
shift
exec ip netns exec $b unshare --uts sh -c 'hostname host-b; exec sh -c "\$*"' sh "\$@"
END
chmod +x "$work/agent"
on_two_hosts() {
  ip netns exec "$a" unshare --uts sh -c 'hostname host-a; exec "$@"' sh \
    mpirun --oversubscribe --host 10.91.0.1:2,10.91.0.2:1 -n 3 --mca plm_rsh_agent "$work/agent" \
    --mca btl tcp,self,vader --mca btl_tcp_if_include 10.91.0.0/24 --mca oob_tcp_if_include 10.91.0.0/24 \
    "$program" "$@" --threads 1
}
compare() {
  rank_digests "$work/run" >"$work/found"
  diff "$work/expected" "$work/found" >&2 || { echo "Other bits: $1." >&2; exit 1; }
}

"$program" train builtin:demo "${rank_options[@]}" --run-dir "$work/reference" --threads 2 >/dev/null 2>"$work/errors" ||
  { cat "$work/errors" >&2; exit 1; }
rank_digests "$work/reference" >"$work/expected"

rm -rf "$XDG_CACHE_HOME"
on_two_hosts train builtin:demo "${rank_options[@]}" --run-dir "$work/run" >"$work/output" 2>&1 ||
  { cat "$work/output" >&2; exit 1; }
compare "two hosts"
grep -q '"host": "host-b"' "$work/run/environment.json" || { echo "environment.json does not name host-b." >&2; exit 1; }
grep 'on the wire' "$work/output"

rm -rf "$XDG_CACHE_HOME" "$work/run"
on_two_hosts train builtin:demo "${rank_options[@]}" --set training.epochs=20 --run-dir "$work/run" >"$work/output" 2>&1 &
launcher=$!
until grep -q '"record":"step"' "$work/run/log.jsonl" 2>/dev/null; do
  kill -0 "$launcher" 2>/dev/null || { cat "$work/output" >&2; exit 1; }
  sleep 0.1
done
mapfile -t ranks < <(pgrep -f "^$program train builtin:demo .*--run-dir $work/run" || true)
[ ${#ranks[@]} -ge 3 ] || { echo "There are ${#ranks[@]} ranks, not 3." >&2; exit 1; }
ip -n "$a" link set "ve$a" down
cut=$(date +%s)
while pgrep -f "^$program train builtin:demo .*--run-dir $work/run" >/dev/null; do
  if [ $(($(date +%s) - cut)) -gt 30 ]; then
    cat "$work/output" >&2
    echo "Ranks are still there 30 seconds after the cable was pulled." >&2
    exit 1
  fi
  sleep 0.2
done
echo "Without the cable all ranks ended within $(($(date +%s) - cut)) seconds."
grep -o 'rank [0-9] on host host-[ab] has not been heard of.*' "$work/output" ||
  { cat "$work/output" >&2; echo "No rank is named." >&2; exit 1; }
kill -KILL "$launcher" 2>/dev/null || true
wait "$launcher" 2>/dev/null || true

# The cable is in again, and the run goes on; here on one host.
ip -n "$a" link set "ve$a" up
"$program" train --resume "$work/run" --threads 1 >/dev/null 2>"$work/errors" || { cat "$work/errors" >&2; exit 1; }
"$program" train builtin:demo "${rank_options[@]}" --set training.epochs=20 --run-dir "$work/alone" --threads 2 \
  >/dev/null 2>"$work/errors" || { cat "$work/errors" >&2; exit 1; }
rank_digests "$work/alone" >"$work/expected"
compare "after the cable was pulled"
echo "Two hosts have the bits of one process, also after the cable was pulled."
