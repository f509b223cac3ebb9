# SPDX-License-Identifier: Apache-2.0
# How everything that runs in the guest is compiled and linked: kernel, drivers, libraries, programs.
# A rule takes exactly one set: GUEST_ASFLAGS, GUEST_CFLAGS or GUEST_CXXFLAGS, each complete in itself. Warnings are the
# user's choice.

TENON_ROOT := $(abspath $(dir $(lastword $(MAKEFILE_LIST)))..)
# As installed there are only results, and no makefile to build them.
TENON_BUILD ?= $(TENON_ROOT)$(if $(wildcard $(TENON_ROOT)/Makefile),/build)
TENON_SYSROOT := $(TENON_BUILD)/sysroot
# Of each part of the sysroot, when it was built.
SYSROOT_STAMPS := $(patsubst %,$(TENON_BUILD)/.stamps/%,newlib libstdcxx virtio-headers json-headers)

# The host's own compiler, of the version that the sysroot's libstdc++ comes from.
GUEST_GCC_VERSION := 12
GUEST_CC ?= gcc-$(GUEST_GCC_VERSION)
GUEST_CXX ?= g++-$(GUEST_GCC_VERSION)
GUEST_AR ?= gcc-ar-$(GUEST_GCC_VERSION)

# The compiler is made for Linux, the guest is not: without this, headers and programs would choose Linux's interfaces.
guest_not_linux := -U__linux__ -U__linux -Ulinux -U__gnu_linux__
# To a program it is a Unix. The libraries that it is made of are told nothing: they would choose what is not there yet.
guest_not_unix := -U__unix__ -U__unix -Uunix
# Newlib has the error numbers that only Linux knows (ESOCKTNOSUPPORT), and their texts, when it is asked for them.
GUEST_CPPFLAGS := $(guest_not_linux) $(guest_not_unix) -D__tenon__=1 -D__LINUX_ERRNO_EXTENSIONS__=1 -U_FORTIFY_SOURCE

# Tenon's own headers stand before Newlib's, and wrap or replace a few of them. The compiler's own (stddef.h, stdarg.h,
# intrinsics) are the only ones of the host. For C++ the library's wrappers (stdlib.h, math.h) come first, as they
# include the next one.
guest_own_includes := -I$(TENON_ROOT)/userland/include -I$(TENON_ROOT)/userland/pthread/include \
	-I$(TENON_ROOT)/userland/libc/include
# The compiler is asked when the first rule that needs it runs, which is after the set-up has installed it, and asked
# once.
guest_compiler_include :=
guest_ask_compiler = $(eval guest_compiler_include := \
	$$(shell $(GUEST_CC) -print-file-name=include))$(guest_compiler_include)
guest_c_includes = -isystem $(or $(guest_compiler_include),$(guest_ask_compiler)) -isystem $(TENON_SYSROOT)/include
guest_cxx_directory := $(TENON_SYSROOT)/include/c++/$(GUEST_GCC_VERSION)
guest_cxx_includes := -isystem $(guest_cxx_directory) -isystem $(guest_cxx_directory)/x86_64-elf

# Images are linked at 1 TiB: no 32-bit absolute address reaches that, so all code is of the position-independent kind,
# whose distances do. One static image: thread-locals at constant offsets, and calls straight to their target (which
# -fno-plt would make indirect).
guest_code := -O2 -g -fPIE -ftls-model=local-exec -ffunction-sections -fdata-sections -fno-stack-protector \
	-fcf-protection=none

GUEST_ASFLAGS = $(GUEST_CPPFLAGS) -nostdinc $(guest_own_includes) $(guest_c_includes) -g
GUEST_CFLAGS = -std=gnu17 $(GUEST_CPPFLAGS) -nostdinc $(guest_own_includes) $(guest_c_includes) $(guest_code)
GUEST_CXXFLAGS = -std=c++23 $(GUEST_CPPFLAGS) -nostdinc $(guest_own_includes) $(guest_cxx_includes) \
	$(guest_c_includes) $(guest_code)

# The personality of C++'s frames goes by way of userland/libc/terminate.cpp.
# --no-relax: the linker must not turn a load from the global offset table into a 32-bit absolute address.
GUEST_LDFLAGS := -static -no-pie -nostdlib -L$(TENON_SYSROOT)/lib \
	-Wl,--wrap=__gxx_personality_v0,--no-relax,--gc-sections,--eh-frame-hdr,--build-id=none \
	-Wl,-z,noexecstack,-z,max-page-size=4096,-z,norelro,-z,separate-code

# After the objects, and in one group with Tenon's own archives: libgcc and Newlib call Tenon, and Tenon calls them.
GUEST_LIBS := -lstdc++ -lm -lc -lgcc -lgcc_eh
