#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# x86_64-tenon-run IMAGE ARGUMENTS...: boots an image as CMake, Meson and configure scripts run a program.
# HV_RUN_OPTIONS has options of hv run: --memory 512M.
image=$1
shift
# shellcheck disable=SC2086 # a list of words
exec @HV@ run ${HV_RUN_OPTIONS:-} "$image" -- "$@"
