# SPDX-License-Identifier: Apache-2.0
# libext2fs (unpacked by setup/ext2fs.sh, not part of this repository), which knows ext4's formats: kernel.mk includes
# this. What takes the place of its files under the GPL is in ext2fs/, and part of the feature.

EXT2FS_SOURCE := $(BUILD)/ext2fs/src/lib
EXT2FS_INCLUDES := -Ikernel/fs/ext4/ext2fs -isystem $(EXT2FS_SOURCE)
# Third-party code: without our warnings, which are about style.
ext2fs_code := -Os -w -fno-omit-frame-pointer
EXT2FS_CFLAGS = $(call without_programs_headers,$(GUEST_CFLAGS)) $(ext2fs_code) -fno-asynchronous-unwind-tables \
	$(EXT2FS_INCLUDES)

# What reading, checking and changing a file system needs: nothing that makes one, and nothing that opens a device.
ext2fs_sources := $(patsubst %,ext2fs/%.c,alloc alloc_sb alloc_stats badblocks bitmaps bitops blkmap64_ba blknum block \
	bmap check_desc closefs csum dir_iterate dirblock expanddir ext_attr extent fallocate fileio freefs gen_bitmap \
	gen_bitmap64 get_num_dirs hashmap i_block ind_block inline inline_data inode io_manager link lookup mkdir mmp newdir \
	openfs orphan punch read_bb rw_bitmaps symlink unlink valid_blk)
EXT2FS_OBJECTS := $(patsubst %.c,$(BUILD)/guest/obj/e2fsprogs/%.o,$(ext2fs_sources))

# Included as system headers, which -MMD leaves out.
ext2fs_configuration := $(wildcard kernel/fs/ext4/ext2fs/*.h kernel/fs/ext4/ext2fs/*/*.h)
$(EXT2FS_OBJECTS): $(ext2fs_configuration)

$(BUILD)/guest/obj/e2fsprogs/%.o: $(EXT2FS_SOURCE)/%.c kernel/fs/ext4/ext2fs.mk $(guest_rules) | $(SETUP)
	$(call say,CC,$*.c)
	$(Q)mkdir -p $(@D) && $(GUEST_CC) $(EXT2FS_CFLAGS) -MMD -MP -c $< -o $@

# The library's source with all that compiles it as here, for images/relinkable.sh.
ext2fs_options = $(shell printf '%s ' $(EXT2FS_CFLAGS) | sed 's/-I[^ ]* //g; s/-isystem [^ ]* //g')
$(BUILD)/guest/ext2fs-source.tar.gz: $(EXT2FS_OBJECTS)
	$(call say,TAR,$@)
	$(Q)rm -rf $@.d && mkdir -p $@.d/config && cp -r $(EXT2FS_SOURCE)/ext2fs $(EXT2FS_SOURCE)/et $@.d && \
		cp -r kernel/fs/ext4/ext2fs/*.h kernel/fs/ext4/ext2fs/ext2fs $@.d/config && \
		cp $(TENON_SYSROOT)/share/licenses/libext2fs $@.d/COPYING && \
		cp -r userland/pthread/include $@.d/threads && cp -r userland/libc/include $@.d/libc && \
		cp -r $(TENON_SYSROOT)/include $@.d/sysroot && rm -rf $@.d/sysroot/c++ $@.d/sysroot/nlohmann && \
		printf '%s\n' 'CC = $(GUEST_CC)' 'libext2fs.a: $$(patsubst %.c,%.o,$(ext2fs_sources))' \
		'	rm -f $$@ && ar rcs $$@ $$^' '%.o: %.c' '	$$(CC) $(ext2fs_options) -Iconfig -Ithreads -Ilibc \' \
		'		-isystem $$(shell $$(CC) -print-file-name=include) -isystem sysroot -isystem . -c $$< -o $$@' \
		> $@.d/Makefile && tar -C $@.d --sort=name --owner=0 --group=0 --numeric-owner -czf $@ . && rm -rf $@.d

# Set-up unpacks the sources: make has no rule for them.
$(EXT2FS_SOURCE)/%.c: | $(SETUP) ;
