#!/usr/bin/env bash
# A throw-away SLURM on this machine, with four fake GPUs, to test against.
#
#   single_node.sh possible        root on Debian 12, no real cluster in the way?
#   single_node.sh works           starts and stops one: some machines reach no packages, or may make no devices
#   single_node.sh start FOLDER    FOLDER takes all state, logs and sockets
#   single_node.sh stop FOLDER     removes it
#
# Two nodes on one host, since on a single one a waiting GPU job holds back CPU jobs too: ci-cpu (partition cpu) and
# ci-gpu (partitions gpu, late, and urgent, which preempts both). They pretend to have more CPUs and memory than there are.
# All daemons listen on 127.0.0.1. The configuration must be found in /etc/slurm, where links into FOLDER are put: the
# plugin's inner srun is not given SLURM_CONF.
set -euo pipefail
COMMAND=${1:-} R=${2:-}
HOST=$(hostname -s)
CONFS=(slurm.conf gres.conf)
DAEMONS=(slurmd@cpu slurmd@gpu slurmctld munged)
unset SLURM_CONF

say() { echo "single_node: $*" >&2; }
wait_for() { local n=$1; shift; for ((; n > 0; n--)); do "$@" >/dev/null 2>&1 && return; sleep 0.25; done; return 1; }
ours() { [ "$(readlink "/etc/slurm/$1" 2>/dev/null)" = "$R/etc/$1" ]; }
pid_of() { # what our pid file says, if that process still is the program
  local p; p=$(cat "$R/run/$1.pid" 2>/dev/null) && [ "$(cat "/proc/$p/comm" 2>/dev/null)" = "${1%@*}" ] && echo "$p"
}
stop_one() {
  local p; p=$(pid_of "$1") || return 0
  kill "$p"; wait_for 60 test ! -d "/proc/$p" || kill -9 "$p" || true
}
nodes_up() { [ "$(sinfo -h -N -p cpu,gpu -o '%N %T' | grep -cE ' (idle|mixed|allocated)$')" = 2 ]; }

packages() {
  local missing=() policy=/usr/sbin/policy-rc.d
  for p in slurmctld slurmd slurm-client munge; do dpkg -s "$p" >/dev/null 2>&1 || missing+=("$p"); done
  [ ${#missing[@]} != 0 ] || return 0
  if [ ! -e $policy ]; then   # the packages must not start services of their own
    printf '#!/bin/sh\nexit 101\n' > $policy; chmod 755 $policy; trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  apt-get update -q >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null
}

configure() {
  umask 022; mkdir -p "$R"/{etc,run,state,spool,log,dev} /etc/slurm
  (umask 077; dd if=/dev/urandom of="$R/munge.key" bs=128 count=1 status=none)
  # SLURM wants character devices for GPUs: copies of /dev/null. Their numbers become CUDA_VISIBLE_DEVICES.
  for i in 0 1 2 3; do mknod "$R/dev/nvidia$i" c 1 3; done
  echo "NodeName=ci-gpu Name=gpu Type=fake File=$R/dev/nvidia[0-3]" > "$R/etc/gres.conf"
  cat > "$R/etc/slurm.conf" <<CONF
ClusterName=ci
SlurmctldHost=$HOST(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$R/run/munge.sock
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
StateSaveLocation=$R/state
SlurmdSpoolDir=$R/spool/%n
SlurmctldPidFile=$R/run/slurmctld.pid
SlurmdPidFile=$R/run/%n.pid
SlurmctldLogFile=$R/log/slurmctld.log
SlurmdLogFile=$R/log/slurmd-%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=500
EnforcePartLimits=ALL
# No cgroups: memory is looked at every second, and a step over its limit is killed.
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
SchedulerParameters=bf_interval=2
ReturnToService=2
KillWait=30
MinJobAge=3600
GresTypes=gpu
AccountingStorageType=accounting_storage/none
NodeName=ci-cpu NodeHostname=$HOST NodeAddr=127.0.0.1 Port=6818 CPUs=16 RealMemory=64000 State=UNKNOWN
NodeName=ci-gpu NodeHostname=$HOST NodeAddr=127.0.0.1 Port=6828 CPUs=16 RealMemory=64000 Gres=gpu:fake:4 State=UNKNOWN
PartitionName=cpu Nodes=ci-cpu Default=YES MaxTime=1440 DefaultTime=5
PartitionName=gpu Nodes=ci-gpu MaxTime=1440 DefaultTime=5 PriorityTier=1
PartitionName=late Nodes=ci-gpu MaxTime=1440 DefaultTime=5 PriorityTier=1
PartitionName=urgent Nodes=ci-gpu MaxTime=1440 DefaultTime=5 PriorityTier=10
CONF
  for f in "${CONFS[@]}"; do ln -sfn "$R/etc/$f" "/etc/slurm/$f"; done
}

possible() {
  if [ "$(id -u)" != 0 ] || ! grep -q '^12' /etc/debian_version 2>/dev/null; then
    say "needs root on Debian 12, to install and start a SLURM for these tests"; return 1
  fi
  if [ -e /etc/slurm/slurm.conf ]; then
    say "/etc/slurm/slurm.conf is there: a real cluster is left alone; if a killed test left it, remove it"; return 1
  fi
}

works() {
  R=$(mktemp -d)
  # In a process of its own, in which the first error ends the start.
  if ! "$0" start "$R"; then
    stop; say "a SLURM could not be started here"; return 1
  fi
  stop
}

start() {
  possible; packages; configure
  munged --force --key-file="$R/munge.key" --socket="$R/run/munge.sock" --pid-file="$R/run/munged.pid" \
    --log-file="$R/log/munged.log" --seed-file="$R/run/munged.seed"
  slurmctld
  for n in cpu gpu; do slurmd -N ci-$n; ln -sfn ci-$n.pid "$R/run/slurmd@$n.pid"; done
  wait_for 80 nodes_up || { say "the nodes did not come up"; sinfo -R >&2; grep -hE 'error|fatal' "$R"/log/slurm* | tail >&2; return 1; }
  say "up: $(sinfo -h -N -p cpu,gpu -o '%N %c CPUs %m MB %G' | tr '\n' ';')"
}

stop() {
  if pid_of slurmctld >/dev/null && ours slurm.conf; then
    scancel -u root 2>/dev/null || true
    wait_for 60 sh -c '[ -z "$(squeue -h)" ]' || say "jobs are still listed; stopping anyway"
  fi
  for d in "${DAEMONS[@]}"; do stop_one "$d"; done
  for f in "${CONFS[@]}"; do ! ours "$f" || rm "/etc/slurm/$f"; done
  rmdir /etc/slurm 2>/dev/null || true
  rm -rf "$R"
}

[ -n "$R" ] || [[ $COMMAND =~ ^(possible|works)$ ]] || COMMAND=usage
case $COMMAND in
  possible) possible ;;
  works) works ;;
  start) start ;;
  stop) stop ;;
  *) echo "usage: $0 possible | works | start FOLDER | stop FOLDER" >&2; exit 2 ;;
esac
