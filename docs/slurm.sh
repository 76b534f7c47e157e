#!/usr/bin/env bash
# One worker on each of two machines: sbatch docs/slurm.sh. A job that is started again goes on with its run.
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --requeue
set -euo pipefail

# Every task names all machines, and itself. The run directory has to lie where all of them see it.
worker() {
    local hosts addresses resume=() run=${RUN_DIR:-$PWD/runs/cnn-$SLURM_JOB_ID}
    mapfile -t hosts < <(scontrol show hostnames "$SLURM_JOB_NODELIST")
    addresses=$(printf '"%s:12345",' "${hosts[@]}")
    export TF_CONFIG="{\"cluster\": {\"worker\": [${addresses%,}]}, \"task\": {\"type\": \"worker\", \"index\": $SLURM_PROCID}}"
    if [ -e "$run/config.yaml" ]; then resume=(--resume); fi
    exec kerasapps train cnn --run-dir "$run" "${resume[@]}"
}

# Slurm copies this file to the first machine alone, so what the others do is handed to them as text.
srun bash -euo pipefail -c "$(declare -f worker); worker"
