#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# x86_64-tenon-pkg-config: knows libraries that were built for the guest, those below PKG_CONFIG_PATH, and none of the
# host's. All libraries are static, so those that they need themselves are named too.
# shellcheck source=/dev/null
source @BUILD@/toolchain/settings.sh
export PKG_CONFIG_LIBDIR=$tenon_sysroot/lib/pkgconfig
unset PKG_CONFIG_SYSROOT_DIR
exec pkg-config --static "$@"
