#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The host's compiler without the options that only x86_64-tenon-gcc has: the same program for Linux, as a peer.
arguments=()
for argument in "$@"; do [[ $argument == -ftenon-* ]] || arguments+=("$argument"); done
exec gcc-12 "${arguments[@]}"
