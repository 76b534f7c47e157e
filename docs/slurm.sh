#!/usr/bin/env bash
# One worker on each of two machines: sbatch docs/slurm.sh
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
set -euo pipefail

# Every task names all machines, and itself. The run directory has to lie where all of them see it.
worker() {
    local hosts addresses
    mapfile -t hosts < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
    addresses=$(printf '"%s:12345",' "${hosts[@]}")
    export TF_CONFIG="{\"cluster\": {\"worker\": [${addresses%,}]}, \"task\": {\"type\": \"worker\", \"index\": $SLURM_PROCID}}"
    exec kerasapps train cnn --run-dir "$PWD/runs/cnn-$SLURM_JOB_ID"
}

if [ -n "${SLURM_PROCID:-}" ]; then worker; else srun bash "$0"; fi
