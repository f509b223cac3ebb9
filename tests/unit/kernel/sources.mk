# SPDX-License-Identifier: Apache-2.0
# Sources of the kernel that are tested on the build machine.
unit_sources += kernel/base/format.cpp kernel/base/number.cpp kernel/options/command_line.cpp \
	kernel/options/number_option.cpp kernel/options/option_names.cpp kernel/fs/cpio.cpp
unit_sources += kernel/fs/inode.cpp kernel/fs/tmpfs/sparse_pages.cpp \
	kernel/fs/tmpfs/node.cpp kernel/fs/tmpfs/regular_file.cpp kernel/fs/tmpfs/link.cpp kernel/fs/tmpfs/directory.cpp \
	kernel/fs/tmpfs/tmpfs.cpp
unit_sources += kernel/entropy/chacha20.cpp kernel/entropy/generator.cpp
unit_sources += kernel/mm/block_walk.cpp kernel/mm/idle_records.cpp kernel/mm/buddy.cpp kernel/mm/slab_heap.cpp \
	kernel/mm/memory_plan.cpp
unit_sources += kernel/net/sntp/packet.cpp kernel/net/domain_names.cpp
unit_sources += kernel/partition/mbr.cpp kernel/partition/gpt.cpp
unit_sources += kernel/net/tcp/flight.cpp kernel/net/tcp/cubic.cpp kernel/net/tcp/loss_recovery.cpp
unit_sources += $(wildcard kernel/fs/ext4/ext2fs/*.cpp)
unit_libraries += $(UNIT_OBJECTS)/libext2fs.a
