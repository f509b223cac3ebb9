# SPDX-License-Identifier: Apache-2.0
# Builds a program of your own into a bootable image, outside of this repository:
#
#     make -f /path/to/tenon/tenon.mk IMAGE=hello SOURCES=main.cpp FEATURES="console net rng"
#
# or, in a Makefile of your own:  IMAGE := hello  ...  include /path/to/tenon/tenon.mk
#
#   IMAGE     name of the image                              (default: the folder's name)
#   SOURCES   .c and .cpp files, relative to this folder     (default: all there are)
#   FEATURES  what of the kernel to link: console net sntp rng balloon agent blk (default: console)
#   FILES     a folder whose files the program can open      (default: none)
#   FLAGS     more compiler flags
# The image is build/images/IMAGE.elf, the licences of what it contains are beside it.

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
SHELL := /bin/bash

tenon := $(abspath $(dir $(lastword $(MAKEFILE_LIST))))
include $(tenon)/setup/guest-flags.mk

IMAGE ?= $(notdir $(CURDIR))
SOURCES ?= $(wildcard *.c *.cpp)
FEATURES ?= console
FILES ?=
FLAGS ?=

V ?= 0
Q := $(if $(filter 0,$(V)),@)
say = $(if $(filter 0,$(V)),@printf '  %-8s %s\n' '$(1)' '$(2)';)

BUILD := build
GUEST := $(tenon)/build/guest
SETUP := $(tenon)/build/setup.stamp
GUEST_ARCHIVES := tenon-libraries

.PHONY: all tenon-libraries
all: $(BUILD)/images/$(IMAGE).elf

# Tenon's libraries are built, or brought up to date, where they are.
tenon-libraries:
	$(Q)$(MAKE) --no-print-directory -C $(tenon) guest-libraries
$(SETUP): tenon-libraries

include $(tenon)/images/lists.mk
include $(tenon)/images/rules.mk
$(IMAGE)_directory := .
$(IMAGE)_sources := $(SOURCES)
$(IMAGE)_features := $(FEATURES)
$(IMAGE)_files := $(FILES)
$(IMAGE)_flags := $(FLAGS)
$(eval $(call tenon_image,$(IMAGE)))
