#!/usr/bin/env bash
# Checks a plan before it is applied: bash preflight.sh && terraform apply plan.bin
set -euo pipefail
terraform plan -input=false -out=plan.bin
terraform show -json plan.bin >plan.json
iamcheck check --from plan.json --offline --region eu-west-1 --account-id 123456789012 --policy deployer.json
