# SPDX-License-Identifier: Apache-2.0
# The kernel's features that an image can name: kernel/kernel.mk has their sources, docs/images.md describes them.
IMAGE_FEATURES := console rng balloon net sntp agent blk tmpfs ext4
