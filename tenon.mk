# SPDX-License-Identifier: Apache-2.0
# Builds a program of your own into a bootable image, outside of this repository:
#
#     make -f /path/to/tenon/tenon.mk IMAGE=hello SOURCES=main.cpp FEATURES="console net rng"
#
# where Tenon is its source tree, or PREFIX/lib/tenon after make install;
#
# or, in a Makefile of your own:  IMAGE := hello  ...  include /path/to/tenon/tenon.mk
#
#   IMAGE     name of the image                              (default: the folder's name, a dash for each space)
#   SOURCES   .c, .cpp, .cc, .cxx and .S files, relative to this folder (default: all there are); a space in a name is
#             written "\ "
#   FEATURES  what of the kernel to link: console net sntp rng balloon agent blk tmpfs ext4 (default: console)
#   FILES     a folder whose files the program can open      (default: none)
#   FLAGS     more compiler flags
#   LIBS      archives, -L and -l, linked before Tenon's libraries
# The image is build/images/IMAGE.elf, the licences of what of Tenon it contains are beside it.
#
# `make -f tenon.mk ... relinkable` makes build/images/IMAGE.relinkable.tar.gz, which whoever gets an image with the
# feature ext4 may ask for (docs/images.md).
#
# `make -f tenon.mk ... img` makes build/images/IMAGE.img, too: a disk that boots on UEFI machines.
#   COMMAND_LINE  the kernel's command line on it            (default: empty)
#   DATA          size of an empty data partition: 64M, 2G   (default: none)

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
SHELL := /bin/bash
# What this program's variables mean is nothing to Tenon's own makefiles.
MAKEOVERRIDES :=

tenon := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
ifeq ($(wildcard $(tenon)/setup/guest-flags.mk),)
$(error Tenon is where a path has a space, which make cannot handle: move it, or use it through a symbolic link \
	without one)
endif
include $(tenon)/setup/guest-flags.mk
include $(tenon)/setup/records.mk
include $(tenon)/images/features.mk

tenon_space := $(subst x,,x x)
IMAGE ?= $(lastword $(subst /, ,$(subst $(tenon_space),-,$(CURDIR))))
SOURCES ?= $(shell find . -maxdepth 1 -type f -name '*.*' -printf '%P\n' | grep -E '\.(c|cpp|cc|cxx|S)$$' | \
	LC_ALL=C sort | sed 's/ /\\ /g')
FEATURES ?= console
FILES ?=
FLAGS ?=
LIBS ?=
COMMAND_LINE ?=
DATA ?=
ifneq ($(words $(IMAGE)),1)
$(error IMAGE is '$(IMAGE)', expected a name without spaces)
endif
# Characters that make or the shell takes for something else.
tenon_hash := \#
tenon_special := & ' " ` ; : | < > $$ $(tenon_hash) ( ) = ,
tenon_special_in = $(firstword $(foreach character,$(tenon_special),$(findstring $(character),$(1))))
$(if $(call tenon_special_in,$(IMAGE)),$(error IMAGE is '$(IMAGE)', expected a name without \
	$(call tenon_special_in,$(IMAGE)) (say IMAGE=NAME)))
$(if $(call tenon_special_in,$(SOURCES)),$(error the name of a source has '$(call tenon_special_in,$(SOURCES))', \
	which make cannot handle: rename it, or say SOURCES="..." without it))
ifeq ($(strip $(SOURCES)),)
$(error there is no source (.c, .cpp, .cc, .cxx or .S) in $(CURDIR): say SOURCES="...")
endif
ifneq ($(if $(FILES),$(shell [ -d "$(FILES)" ] || echo no)),)
$(error FILES: there is no folder '$(FILES)')
endif

V ?= 0
Q := $(if $(filter 0,$(V)),@)
say = $(if $(filter 0,$(V)),@printf '  %-8s %s\n' '$(1)' '$(2)';)

BUILD := build
GUEST := $(TENON_BUILD)/guest
GUEST_ARCHIVES := $(patsubst %,$(GUEST)/%.a,libtenon libtenon-userland libtenon-stubs libtenon-sockets \
	libtenon-without-net libcares liblwip libext2fs \
	$(addprefix libfeature-,$(IMAGE_FEATURES)))
LOADER := $(TENON_BUILD)/loader/loader.so

.PHONY: all img relinkable
all: $(BUILD)/images/$(IMAGE).elf
img: $(BUILD)/images/$(IMAGE).img
relinkable: $(BUILD)/images/$(IMAGE).relinkable.tar.gz

ifeq ($(wildcard $(tenon)/Makefile),)
SETUP :=
ifeq ($(shell command -v $(GUEST_CXX)),)
$(error there is no compiler $(GUEST_CXX): apt-get install g++-$(GUEST_GCC_VERSION) binutils cpio)
endif
else
SETUP := $(TENON_BUILD)/setup.stamp
# Tenon's libraries are built, or brought up to date, where they are. What did not change by that makes nothing here.
.PHONY: tenon-libraries
tenon-libraries:
	$(Q)$(MAKE) --no-print-directory -C $(tenon) guest-libraries loader V=$(V)
$(SETUP) $(SYSROOT_STAMPS) $(GUEST_ARCHIVES) $(GUEST)/ext2fs-source.tar.gz $(LOADER): $(made_by) tenon-libraries ;
endif

include $(tenon)/images/rules.mk
$(IMAGE)_directory := .
$(IMAGE)_sources := $(SOURCES)
$(IMAGE)_features := $(FEATURES)
$(IMAGE)_files := $(FILES)
$(IMAGE)_flags := $(FLAGS)
$(IMAGE)_libs := $(LIBS)
$(IMAGE)_command_line := $(COMMAND_LINE)
$(IMAGE)_data := $(DATA)
$(eval $(call tenon_image,$(IMAGE)))
