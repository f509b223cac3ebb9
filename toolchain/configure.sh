#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# x86_64-tenon-configure [SCRIPT] ARGUMENTS...: runs ./configure, or another script of Autoconf, for the guest.
# config.sub knows no system of our name, but any vendor: x86_64-tenon-elf is a machine by Tenon without a system.
# shellcheck source=/dev/null
source @BUILD@/toolchain/settings.sh
tools=@BUILD@/bin/x86_64-tenon
script=./configure
if [[ ${1-} == */* && $1 != -* && $1 != *=* ]]; then
    script=$1
    shift
fi
# What a test program would find out, which cannot run while it is configured.
export ac_cv_func_malloc_0_nonnull=yes ac_cv_func_realloc_0_nonnull=yes ac_cv_func_calloc_0_nonnull=yes
export CC="${CC:-$tools-gcc}" CXX="${CXX:-$tools-g++}" AR=$tools-ar RANLIB=$tools-ranlib NM=$tools-nm \
    STRIP=$tools-strip OBJCOPY=$tools-objcopy LD=$tools-ld PKG_CONFIG=$tools-pkg-config
exec "$script" --build="$("$tenon_cc" -dumpmachine)" --host=x86_64-tenon-elf "$@"
