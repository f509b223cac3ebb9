#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fetches the source of libext2fs, which knows ext4's formats, from the machine's own Debian archive (e2fsprogs).
set -euo pipefail
# shellcheck source=setup/common.sh
source "$(dirname "$0")/common.sh"

key=$(key_of "$0")
if is_done ext2fs "$key"; then exit 0; fi

fetch_source e2fsprogs
rm -rf "$build/ext2fs"
mv "$build/e2fsprogs" "$build/ext2fs"
library=$build/ext2fs/src/lib
if [ ! -f "$library/ext2fs/ext2fs.h" ]; then
    fail "the source of e2fsprogs looks different from what was expected: $build/ext2fs/src"
fi
# Most of the library is under the LGPL. Files under the GPL must not get into an image: what of them is needed is in
# kernel/fs/ext4/ext2fs/, and so are headers that configure would make.
(cd "$library/ext2fs" && rm crc16.[ch] crc32c.c dirhash.c fast_commit.h kernel-jbd.h mkjournal.c nls_utf8.c \
    utf8n.h rbtree.[ch] blkmap64_rb.c sha512.c tdbtool.c)
# The numbers of its errors.
(cd "$library" && awk -f et/et_h.awk outfile=ext2fs/ext2_err.h outfn=ext2_err.h ext2fs/ext2_err.et.in)
say "done ($SECONDS s)"
mark_done ext2fs "$key"
