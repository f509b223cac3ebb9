# SPDX-License-Identifier: Apache-2.0
# zstd: compression, with its own benchmark (-b3).
# shellcheck shell=bash disable=SC2034
package=libzstd
features="console tmpfs"
build() {
    rm -f programs/zstd
    make -C programs zstd UNAME=Tenon HAVE_PTHREAD=1 HAVE_ZLIB=0 HAVE_LZMA=0 HAVE_LZ4=0 \
        CFLAGS='-O3 -DZSTD_SETPRIORITY_SUPPORT=0' BACKTRACE=0
    image programs/zstd
}
