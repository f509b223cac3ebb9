#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# x86_64-tenon-ar, -nm, -ranlib, -strip, -objcopy, -ld: the host's, whose formats are the guest's. The first three are
# the compiler's variants, which read objects of -flto.
# shellcheck source=/dev/null
source @BUILD@/toolchain/settings.sh
tool=${0##*/x86_64-tenon-}
case $tool in
    ar | nm | ranlib) exec "${tenon_cc/gcc/gcc-$tool}" "$@" ;;
    *) exec "$tool" "$@" ;;
esac
