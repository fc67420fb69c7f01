#!/usr/bin/env bash
# Checks a plan before it is applied: bash preflight.sh && terraform apply plan.bin
set -euo pipefail
terraform plan -input=false -out=plan.bin
terraform show -json plan.bin >plan.json
# iamcheck refuses a plan that has nothing to check with exit status 2, as it refuses a wrong file
changes=$(python3 endpoint_changes.py plan.json)
if [ "$changes" -eq 0 ]; then
  echo "The plan makes and changes no endpoint: there is nothing to check."
  exit 0
fi
iamcheck check --from plan.json --offline --region eu-west-1 --account-id 123456789012 --policy deployer.json
